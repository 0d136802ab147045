#pragma once
// Networks of the kernel: bridges, veth pairs, addresses, routes, over one netlink socket. The only user of libnl,
// which appears in no header. Nothing here decides a name or an address: those are arguments, from the plan. No
// destructor removes a device.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

/// "10.89.3.0/24"; error kInvalid also when host bits are set.
[[nodiscard]] Result<Subnet> parse_subnet(std::string_view text);
[[nodiscard]] Result<std::uint32_t> parse_ipv4(std::string_view text);
[[nodiscard]] std::string format_ipv4(std::uint32_t address);
[[nodiscard]] std::string format_subnet(const Subnet& subnet);
[[nodiscard]] bool overlaps(const Subnet& a, const Subnet& b);
/// The lowest and the highest address of a network: the network's own and its broadcast address.
[[nodiscard]] std::uint32_t first_address(const Subnet& subnet);
[[nodiscard]] std::uint32_t last_address(const Subnet& subnet);
[[nodiscard]] bool contains(const Subnet& subnet, std::uint32_t address);
/// The hardware address that goes with an IPv4 address, as Docker derives it: 02:42 and the four bytes. The same
/// address always has the same one, so neighbours' ARP tables outlive a restarted container.
[[nodiscard]] std::string mac_of(std::uint32_t address);
/// Whether the text is a hardware address a device may have: six bytes in hexadecimal with colons, not a group's.
[[nodiscard]] bool is_mac(std::string_view text);
/// Whether a network device may be called so: at most 15 bytes, neither blanks nor '/' nor ':'.
[[nodiscard]] bool is_device_name(std::string_view text);

/// The group (ip-link(8)) that all bridges of all projects are in; the filter of any project tells ours by it.
inline constexpr std::uint32_t kBridgeGroup = 0xc3000000U;

struct Bridge {
  std::string name;           ///< device name, at most 15 bytes
  std::uint32_t gateway = 0;  ///< the bridge's own address; 0 has none
  int prefix = 24;
  std::string gateway6;  ///< its IPv6 address, "fd00::1"; "" has none
  int prefix6 = 64;
  int mtu = 0;              ///< 0 is the kernel's default
  bool forwarding = false;  ///< the host routes from it to elsewhere: only behind a packet filter
};

/// What the container's device is: the other end of a veth pair on a bridge, or one that shares the host's device.
enum class EndpointKind { kVeth, kMacvlan, kIpvlan };

/// A device in a container's network namespace.
struct Endpoint {
  EndpointKind kind = EndpointKind::kVeth;
  std::string host_device;       ///< at most 15 bytes; of a veth pair
  std::string container_device;  ///< "eth0"
  std::string bridge;            ///< or the device of the host that carries it
  std::string mode;  ///< of macvlan (bridge, private, vepa, passthru) and ipvlan (l2, l3, l3s); "" is the first
  std::uint32_t address = 0;
  int prefix = 24;
  std::uint32_t gateway = 0;  ///< 0: no default route through this one
  std::string address6;       ///< "fd00::2"; "" has none
  int prefix6 = 64;
  std::string gateway6;                        ///< "": no default route of IPv6 through this one
  std::vector<std::string> link_local;         ///< further addresses, of link-local networks
  std::map<std::string, std::string> sysctls;  ///< "net.ipv4.conf.eth0.log_martians" → "1"
  std::string mac;                             ///< "" is derived from the address (02:42:…, as Docker does)
  int mtu = 0;                                 ///< of both ends, the bridge's; 0 is the kernel's default
  bool isolated = false;                       ///< reaches nobody on the bridge but the host
};

/// A further address of a device, of either family; nothing else is in its network.
struct HostAddress {
  std::string device, address;
  friend auto operator<=>(const HostAddress&, const HostAddress&) = default;
};

/// A device by which the host reaches others.
struct Uplink {
  std::string name;
  bool forwarding = false;  ///< conf.NAME.forwarding: what comes in by it may be routed to elsewhere
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

  /// Makes the bridge with its addresses and brings it up; an existing one of ours with that name is brought to the
  /// same state. Error kConflict: a device of that name is none of ours. Unless `forwarding` is set the host does not
  /// route from it to elsewhere: networks are apart. It is a member of the device group kBridgeGroup.
  [[nodiscard]] Status create_bridge(const Bridge& bridge);
  /// Whether the host routes what comes in by these devices to elsewhere (conf.DEVICE.forwarding). Missing ones are
  /// passed over.
  [[nodiscard]] Status set_forwarding(const std::vector<std::string>& devices, bool on);
  /// Adds to and removes from the devices what is given, one batch each. Devices that are missing are passed over, and
  /// addresses that are there already or not any more.
  [[nodiscard]] Status add_addresses(const std::vector<HostAddress>& addresses);
  [[nodiscard]] Status remove_addresses(const std::vector<HostAddress>& addresses);
  /// Removes a device; missing is success.
  [[nodiscard]] Status remove_device(const std::string& name);
  /// The same for several, in one message.
  [[nodiscard]] Status remove_devices(const std::vector<std::string>& names);
  /// Makes the veth pairs of one container, host ends on their bridges and up, other ends in the namespace, configured
  /// and up, with lo up and the default route. One batch outside, one inside. Without endpoints just lo comes up. A
  /// pair that has the same host name (a former life's) is replaced. After an error pairs may be left; they go with the
  /// namespace or by remove_device.
  [[nodiscard]] Status attach(int netns_fd, const std::vector<Endpoint>& endpoints);
  /// Every IPv4 network the host routes (all tables, also to nowhere) or has an address in, sorted: what an allocator
  /// must avoid. Not the default route nor others with a prefix below 8 bits, as VPNs lay over it.
  [[nodiscard]] Result<std::vector<Subnet>> host_subnets();
  /// Devices of the host that have an IPv4 address and are neither lo nor one of our bridges, sorted.
  [[nodiscard]] Result<std::vector<Uplink>> uplinks();
  /// Those of the names that devices have which are no bridges of ours.
  [[nodiscard]] Result<std::vector<std::string>> foreign_devices(const std::vector<std::string>& names);
  /// Whether there is a bridge of any project (kBridgeGroup).
  [[nodiscard]] Result<bool> any_bridge();
  /// Names of devices that start with `prefix`, sorted.
  [[nodiscard]] Result<std::vector<std::string>> devices(std::string_view prefix);

 private:
  struct Impl;
  explicit Links(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// Sockets inside a network namespace, non-blocking, bound to the address ("127.0.0.11"; lo must be up: see
/// Links::attach). The caller's own namespace is as before afterwards. Error kConflict when the port is taken.
[[nodiscard]] Result<UniqueFd> udp_socket_in(int netns_fd, const std::string& address, std::uint16_t port);
[[nodiscard]] Result<UniqueFd> tcp_listener_in(int netns_fd, const std::string& address, std::uint16_t port);

}  // namespace cmp::net
