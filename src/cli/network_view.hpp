#pragma once
// The networks of a project as they are shown: collected from the records, drawn by network_drawing.hpp.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::cli {

/// A container's interface in a network.
struct MemberView {
  std::string container, service, device, host_device;
  std::vector<std::string> addresses;  ///< with prefixes
  std::string service_address;         ///< that leads to all containers of the service; "" if there is none
};

struct NetworkView {
  std::string name, project, driver, device;  ///< device: the bridge, or the one of the host that carries the network
  std::vector<std::string> subnets, gateways;
  bool internal = false;
  std::map<std::string, std::string> options, labels;
  std::vector<MemberView> members;  ///< by container name, those of other projects too
};

/// A published port and who takes its connections.
struct PortView {
  std::string host;                  ///< "0.0.0.0:8080/tcp"
  std::vector<std::string> targets;  ///< "shop-web-1:80"
};

struct WiringView {
  std::vector<NetworkView> networks;  ///< by name
  std::vector<PortView> ports;
  std::string rules;  ///< of the packet filter, as nft would list them
};

/// Networks of every project, by name; shared ones once.
[[nodiscard]] Result<std::vector<NetworkView>> all_networks(const state::Roots& roots);

/// What one project is on. Pure.
[[nodiscard]] WiringView wiring_of(const state::Paths& paths, const std::vector<NetworkView>& networks,
                                   const std::vector<state::NetworkRecord>& own,
                                   const std::vector<state::ContainerRecord>& containers);

}  // namespace cmp::cli
