#pragma once
// Networks of the kernel: bridges, veth pairs, addresses, routes, over one netlink socket. The only user of libnl, which
// appears in no header. Nothing here decides a name or an address: those are arguments, from the plan. No destructor
// removes a device.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

/// An IPv4 network in host byte order: 10.89.3.0/24.
struct Subnet {
  std::uint32_t address = 0;
  int prefix = 0;
  friend auto operator<=>(const Subnet&, const Subnet&) = default;
};
[[nodiscard]] Result<Subnet> parse_subnet(std::string_view text);
[[nodiscard]] Result<std::uint32_t> parse_ipv4(std::string_view text);
[[nodiscard]] std::string format_ipv4(std::uint32_t address);
[[nodiscard]] std::string format_subnet(const Subnet& subnet);
[[nodiscard]] bool overlaps(const Subnet& a, const Subnet& b);

struct Bridge {
  std::string name;              ///< device name, at most 15 bytes
  std::uint32_t gateway = 0;     ///< the bridge's own address
  int prefix = 24;
  int mtu = 0;                   ///< 0 is the kernel's default
};

/// One end of a veth pair on a bridge, the other in a container's network namespace.
struct Endpoint {
  std::string host_device;       ///< at most 15 bytes
  std::string container_device;  ///< "eth0"
  std::string bridge;
  std::uint32_t address = 0;
  int prefix = 24;
  std::uint32_t gateway = 0;     ///< 0: no default route through this one
  std::string mac;               ///< "" is derived from the address (02:42:…, as Docker does)
};

/// A netlink route socket. Keeps the network namespace it was opened in for life.
class Links {
 public:
  [[nodiscard]] static Result<Links> open();
  /// The same, in another namespace; the caller's own is as before afterwards.
  [[nodiscard]] static Result<Links> open_in(int netns_fd);
  Links(Links&&) noexcept;
  Links& operator=(Links&&) noexcept;
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;
  ~Links();

  /// Makes the bridge with its address and brings it up; an existing one of ours with that name is brought to the same
  /// state. The host does not route from it to elsewhere (conf.<bridge>.forwarding=0): networks are apart.
  [[nodiscard]] Status create_bridge(const Bridge& bridge);
  /// Removes a device; missing is success.
  [[nodiscard]] Status remove_device(const std::string& name);
  /// Makes the veth pairs of one container, host ends on their bridges and up, other ends in the namespace, configured
  /// and up, with lo up and the default route. One message a pair outside, one batch inside.
  [[nodiscard]] Status attach(int netns_fd, const std::vector<Endpoint>& endpoints);
  /// Every IPv4 network the host routes or has an address in, sorted: what an allocator must avoid.
  [[nodiscard]] Result<std::vector<Subnet>> host_subnets();
  /// Names of devices that start with `prefix`, sorted.
  [[nodiscard]] Result<std::vector<std::string>> devices(std::string_view prefix);

 private:
  struct Impl;
  explicit Links(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Runs a socket(2)-like function inside a network namespace and returns to the own one.
[[nodiscard]] Result<UniqueFd> udp_socket_in(int netns_fd, const std::string& address, std::uint16_t port);
[[nodiscard]] Result<UniqueFd> tcp_listener_in(int netns_fd, const std::string& address, std::uint16_t port);

}  // namespace cmp::net
