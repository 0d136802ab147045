#pragma once
// Which subnet each network and which address each container gets, decided before anything is made. Pure: the host's
// subnets and the records are arguments. What has an address keeps it.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"
#include "net/ipam.hpp"
#include "net/net.hpp"
#include "state/record.hpp"

namespace cmp::engine {

struct AddressPlan {
  std::map<std::string, state::NetworkRecord> networks;                 ///< by key: subnet and gateway chosen
  std::map<std::string, std::vector<state::EndpointRecord>> endpoints;  ///< by container name
};

/// What a project had before the host forgot: subnets by the network's name, addresses by container and network.
struct Remembered {
  std::map<std::string, std::string> networks;
  std::map<std::string, std::map<std::string, std::string>> containers;
};

struct AddressInputs {
  const model::Project& project;
  const state::Roots& roots;
  const std::vector<state::NetworkRecord>& networks;      ///< of this project, as they are
  const std::vector<state::ContainerRecord>& containers;  ///< of this project, as they are
  const std::vector<net::Subnet>& host_subnets;           ///< routes and addresses of the host
  /// Of other projects. A network of the same name is the same one: it keeps its subnet, and its containers' addresses
  /// are taken.
  const std::vector<state::NetworkRecord>& neighbour_networks;
  const std::vector<state::ContainerRecord>& neighbour_containers;
  const std::vector<net::Pool>& pools;  ///< for networks that name no subnet
  const Remembered& remembered;
  std::set<std::string> made_anew = {};  ///< keys of networks that are there and are removed and made again
};

/// Errors kConflict and kInvalid carry the place in the file of the address or subnet that can't be had.
[[nodiscard]] Result<AddressPlan> plan_addresses(const AddressInputs& inputs);

}  // namespace cmp::engine
