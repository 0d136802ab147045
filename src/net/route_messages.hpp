#pragma once
// The rtnetlink requests cmp makes, one function each. Nothing here talks to the kernel.

#include <string>

#include "net/net.hpp"
#include "net/route_socket.hpp"

namespace cmp::net {

/// Makes a bridge, down. Its hardware address is fixed: otherwise it would change with each port that comes or goes.
/// EEXIST is tolerated.
[[nodiscard]] Request new_bridge(const Bridge& bridge);
/// Makes a veth pair: the host end a port of the bridge with index `master`, the other end in `netns_fd`; both down.
[[nodiscard]] Request new_veth(const Endpoint& endpoint, int master, int netns_fd);
/// The device's properties, in Answer::device. ENODEV is tolerated.
/// A macvlan or ipvlan on the device of the host, in the namespace from birth.
[[nodiscard]] Request new_shared_device(const Endpoint& endpoint, int parent, int netns_fd);
[[nodiscard]] Request get_device(const std::string& name);
/// Removes a device. ENODEV is tolerated.
[[nodiscard]] Request delete_device(const std::string& name);
/// Puts a device into a group, to be removed together. ENODEV is tolerated.
[[nodiscard]] Request set_group(const std::string& name, std::uint32_t group);
/// Removes all devices of a group. ENODEV (none is in it) is tolerated.
[[nodiscard]] Request delete_group(std::uint32_t group);
/// Spares the device an IPv6 link-local address and the duplicate address detection that goes with it. To be sent
/// while it is down. Allowed to fail: a kernel without IPv6 is as good.
[[nodiscard]] Request without_link_local(const std::string& name);
[[nodiscard]] Request set_up(const std::string& name);
/// The same for a port of a bridge. Packets may leave by the port they came from: a container that writes to its own
/// published port comes back that way where br_netfilter is on. `isolated`: it exchanges nothing with other such ports.
[[nodiscard]] Request set_up_port(const std::string& name, bool isolated);
[[nodiscard]] Request set_mtu(const std::string& name, int mtu);
/// Whether what comes in through the device is routed to others (conf.NAME.forwarding).
[[nodiscard]] Request change_forwarding(const std::string& name, bool on);
/// Gives the device an address; having it already is success.
[[nodiscard]] Request new_address(int index, const std::string& name, std::uint32_t address, int prefix);
[[nodiscard]] Request delete_address(int index, const std::string& name, std::uint32_t address, int prefix);
[[nodiscard]] Request new_default_route(int index, std::uint32_t gateway);
/// The same for IPv6, without duplicate address detection: the addresses are ours to give.
[[nodiscard]] Request new_address6(int index, const std::string& name, const std::string& address, int prefix);
[[nodiscard]] Request delete_address6(int index, const std::string& name, const std::string& address, int prefix);
[[nodiscard]] Request new_default_route6(int index, const std::string& gateway);
/// An RTM_GET* request without conditions, for RouteSocket::dump.
[[nodiscard]] Message dump_request(int type);

}  // namespace cmp::net
