#include "net/route_messages.hpp"

#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>

#include <fmt/core.h>
#include <netlink/addr.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/inet.h>
#include <netlink/route/link/inet6.h>
#include <netlink/route/link/ipvlan.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>

namespace cmp::net {

namespace {

constexpr int kHostPrefix6 = 128;
constexpr std::uint32_t kForever = 0xffffffffU;

template <auto Put>
struct Deleter {
  template <typename T>
  void operator()(T* object) const {
    Put(object);
  }
};

using Link = std::unique_ptr<rtnl_link, Deleter<rtnl_link_put>>;
using Address = std::unique_ptr<nl_addr, Deleter<nl_addr_put>>;
using RouteAddress = std::unique_ptr<rtnl_addr, Deleter<rtnl_addr_put>>;
using Route = std::unique_ptr<rtnl_route, Deleter<rtnl_route_put>>;

Address ipv4(std::uint32_t address, int prefix) {
  const std::uint32_t bytes = htonl(address);
  Address result(nl_addr_build(AF_INET, &bytes, sizeof bytes));
  nl_addr_set_prefixlen(result.get(), prefix);
  return result;
}

/// Of text that was checked before.
Address ipv6(const std::string& text, int prefix) {
  nl_addr* parsed = nullptr;
  nl_addr_parse(text.c_str(), AF_INET6, &parsed);
  if (parsed != nullptr) {
    nl_addr_set_prefixlen(parsed, prefix);
  }
  return Address(parsed);
}

void set_hardware_address(rtnl_link* link, const std::string& mac) {
  nl_addr* parsed = nullptr;
  if (nl_addr_parse(mac.c_str(), AF_LLC, &parsed) == 0) {
    rtnl_link_set_addr(link, Address(parsed).get());
  }
}

/// A request that changes what `changes` has set, and nothing else, of an existing device.
Message change(const std::string& name, const Link& changes) {
  const Link original(rtnl_link_alloc());
  rtnl_link_set_name(changes.get(), name.c_str());
  nl_msg* message = nullptr;
  rtnl_link_build_change_request(original.get(), changes.get(), 0, &message);
  return Message(message);
}

RouteAddress device_address(int index, std::uint32_t address, int prefix) {
  RouteAddress result(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(result.get(), index);
  rtnl_addr_set_local(result.get(), ipv4(address, prefix).get());
  if (prefix < 31) {
    rtnl_addr_set_broadcast(result.get(), ipv4(last_address({address, prefix}), 32).get());
  }
  return result;
}

RouteAddress device_address6(int index, const std::string& address, int prefix) {
  RouteAddress result(rtnl_addr_alloc());
  rtnl_addr_set_ifindex(result.get(), index);
  rtnl_addr_set_local(result.get(), ipv6(address, prefix).get());
  return result;
}

}  // namespace

Request new_bridge(const Bridge& bridge) {
  const Link link(rtnl_link_bridge_alloc());
  rtnl_link_set_name(link.get(), bridge.name.c_str());
  set_hardware_address(link.get(), mac_of(bridge.gateway));
  rtnl_link_set_group(link.get(), kBridgeGroup);
  if (bridge.mtu != 0) {
    rtnl_link_set_mtu(link.get(), static_cast<unsigned>(bridge.mtu));
  }
  nl_msg* message = nullptr;
  rtnl_link_build_add_request(link.get(), NLM_F_CREATE | NLM_F_EXCL, &message);
  return {Message(message), fmt::format("bridge '{}'", bridge.name), EEXIST};
}

Request new_veth(const Endpoint& endpoint, int master, int netns_fd) {
  const Link link(rtnl_link_veth_alloc());
  rtnl_link_set_name(link.get(), endpoint.host_device.c_str());
  rtnl_link_set_master(link.get(), master);
  const Link peer(rtnl_link_veth_get_peer(link.get()));
  rtnl_link_set_name(peer.get(), endpoint.container_device.c_str());
  rtnl_link_set_ns_fd(peer.get(), netns_fd);
  set_hardware_address(peer.get(), endpoint.mac.empty() ? mac_of(endpoint.address) : endpoint.mac);
  if (endpoint.mtu != 0) {
    rtnl_link_set_mtu(link.get(), static_cast<unsigned>(endpoint.mtu));
    rtnl_link_set_mtu(peer.get(), static_cast<unsigned>(endpoint.mtu));
  }
  nl_msg* message = nullptr;
  rtnl_link_build_add_request(link.get(), NLM_F_CREATE | NLM_F_EXCL, &message);
  return {Message(message),
          fmt::format("veth pair '{}' and '{}' in the container", endpoint.host_device, endpoint.container_device)};
}

Request new_shared_device(const Endpoint& endpoint, int parent, int netns_fd) {
  const bool macvlan = endpoint.kind == EndpointKind::kMacvlan;
  const Link link(macvlan ? rtnl_link_macvlan_alloc() : rtnl_link_ipvlan_alloc());
  rtnl_link_set_name(link.get(), endpoint.container_device.c_str());
  rtnl_link_set_link(link.get(), parent);
  rtnl_link_set_ns_fd(link.get(), netns_fd);
  if (macvlan) {
    const std::string mode = endpoint.mode.empty() ? "bridge" : endpoint.mode;
    rtnl_link_macvlan_set_mode(link.get(), static_cast<std::uint32_t>(rtnl_link_macvlan_str2mode(mode.c_str())));
    set_hardware_address(link.get(), endpoint.mac.empty() ? mac_of(endpoint.address) : endpoint.mac);
  } else {
    const std::string mode = endpoint.mode.empty() ? "l2" : endpoint.mode;
    rtnl_link_ipvlan_set_mode(link.get(), static_cast<std::uint16_t>(rtnl_link_ipvlan_str2mode(mode.c_str())));
  }
  if (endpoint.mtu != 0) {
    rtnl_link_set_mtu(link.get(), static_cast<unsigned>(endpoint.mtu));
  }
  nl_msg* message = nullptr;
  rtnl_link_build_add_request(link.get(), NLM_F_CREATE | NLM_F_EXCL, &message);
  return {Message(message),
          fmt::format("{} '{}' on '{}'", macvlan ? "macvlan" : "ipvlan", endpoint.container_device, endpoint.bridge)};
}

Request get_device(const std::string& name) {
  nl_msg* message = nullptr;
  rtnl_link_build_get_request(0, name.c_str(), &message);
  return {Message(message), fmt::format("device '{}'", name), ENODEV};
}

Request delete_device(const std::string& name) {
  const Link link(rtnl_link_alloc());
  rtnl_link_set_name(link.get(), name.c_str());
  nl_msg* message = nullptr;
  rtnl_link_build_delete_request(link.get(), &message);
  return {Message(message), fmt::format("remove device '{}'", name), ENODEV};
}

Request set_group(const std::string& name, std::uint32_t group) {
  const Link changes(rtnl_link_alloc());
  rtnl_link_set_group(changes.get(), group);
  return {change(name, changes), fmt::format("remove device '{}'", name), ENODEV};
}

Request delete_group(std::uint32_t group) {
  Message message(nlmsg_alloc_simple(RTM_DELLINK, 0));
  ifinfomsg device{};
  nlmsg_append(message.get(), &device, sizeof device, NLMSG_ALIGNTO);
  nla_put_u32(message.get(), IFLA_GROUP, group);
  return {std::move(message), "remove devices", ENODEV};
}

Request without_link_local(const std::string& name) {
  const Link changes(rtnl_link_alloc());
  rtnl_link_inet6_set_addr_gen_mode(changes.get(), rtnl_link_inet6_str2addrgenmode("none"));
  return {change(name, changes), fmt::format("device '{}': no link-local address", name), kAnyFailure};
}

Request set_up(const std::string& name) {
  const Link changes(rtnl_link_alloc());
  rtnl_link_set_flags(changes.get(), IFF_UP);
  return {change(name, changes), fmt::format("device '{}': bring up", name)};
}

Request set_up_port(const std::string& name, bool isolated) {
  Message message(nlmsg_alloc_simple(RTM_NEWLINK, 0));
  ifinfomsg device{};
  device.ifi_flags = IFF_UP;
  device.ifi_change = IFF_UP;
  nlmsg_append(message.get(), &device, sizeof device, NLMSG_ALIGNTO);
  nla_put_string(message.get(), IFLA_IFNAME, name.c_str());
  nlattr* const info = nla_nest_start(message.get(), IFLA_LINKINFO);
  nla_put_string(message.get(), IFLA_INFO_SLAVE_KIND, "bridge");
  nlattr* const port = nla_nest_start(message.get(), IFLA_INFO_SLAVE_DATA);
  nla_put_u8(message.get(), IFLA_BRPORT_MODE, 1);
  if (isolated) {
    nla_put_u8(message.get(), IFLA_BRPORT_ISOLATED, 1);
  }
  nla_nest_end(message.get(), port);
  nla_nest_end(message.get(), info);
  return {std::move(message), fmt::format("device '{}': bring up", name)};
}

Request set_mtu(const std::string& name, int mtu) {
  const Link changes(rtnl_link_alloc());
  rtnl_link_set_mtu(changes.get(), static_cast<unsigned>(mtu));
  return {change(name, changes), fmt::format("device '{}': set MTU {}", name, mtu)};
}

Request change_forwarding(const std::string& name, bool on) {
  const Link changes(rtnl_link_alloc());
  rtnl_link_inet_set_conf(changes.get(), IPV4_DEVCONF_FORWARDING, on ? 1 : 0);
  return {change(name, changes), fmt::format("device '{}': set forwarding", name)};
}

Request new_address(int index, const std::string& name, std::uint32_t address, int prefix) {
  nl_msg* message = nullptr;
  rtnl_addr_build_add_request(device_address(index, address, prefix).get(), NLM_F_CREATE | NLM_F_REPLACE, &message);
  return {Message(message), fmt::format("device '{}': add address {}", name, format_subnet({address, prefix}))};
}

Request delete_address(int index, const std::string& name, std::uint32_t address, int prefix) {
  nl_msg* message = nullptr;
  rtnl_addr_build_delete_request(device_address(index, address, prefix).get(), 0, &message);
  return {Message(message), fmt::format("device '{}': remove address {}", name, format_subnet({address, prefix})),
          EADDRNOTAVAIL};
}

Request new_address6(int index, const std::string& name, const std::string& address, int prefix) {
  const RouteAddress wanted = device_address6(index, address, prefix);
  rtnl_addr_set_flags(wanted.get(), IFA_F_NODAD);
  if (prefix == kHostPrefix6) {
    // It stands for a service: deprecated, the host never chooses it as its own.
    rtnl_addr_set_valid_lifetime(wanted.get(), kForever);
    rtnl_addr_set_preferred_lifetime(wanted.get(), 0);
  }
  nl_msg* message = nullptr;
  rtnl_addr_build_add_request(wanted.get(), NLM_F_CREATE | NLM_F_REPLACE, &message);
  return {Message(message), fmt::format("device '{}': add address {}/{}", name, address, prefix)};
}

Request delete_address6(int index, const std::string& name, const std::string& address, int prefix) {
  nl_msg* message = nullptr;
  rtnl_addr_build_delete_request(device_address6(index, address, prefix).get(), 0, &message);
  return {Message(message), fmt::format("device '{}': remove address {}/{}", name, address, prefix), EADDRNOTAVAIL};
}

Request new_default_route6(int index, const std::string& gateway) {
  const Route route(rtnl_route_alloc());
  rtnl_route_set_family(route.get(), AF_INET6);
  rtnl_route_set_dst(route.get(), ipv6("::", 0).get());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, index);
  rtnl_route_nh_set_gateway(hop, ipv6(gateway, 128).get());
  rtnl_route_add_nexthop(route.get(), hop);  // the route owns it from here
  nl_msg* message = nullptr;
  rtnl_route_build_add_request(route.get(), NLM_F_CREATE | NLM_F_EXCL, &message);
  return {Message(message), fmt::format("default route by {}", gateway)};
}

Request new_default_route(int index, std::uint32_t gateway) {
  const Route route(rtnl_route_alloc());
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_dst(route.get(), ipv4(0, 0).get());
  rtnl_nexthop* hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, index);
  rtnl_route_nh_set_gateway(hop, ipv4(gateway, 32).get());
  rtnl_route_add_nexthop(route.get(), hop);  // the route owns it from here
  nl_msg* message = nullptr;
  rtnl_route_build_add_request(route.get(), NLM_F_CREATE | NLM_F_EXCL, &message);
  return {Message(message), fmt::format("default route by {}", format_ipv4(gateway))};
}

Message dump_request(int type) {
  Message message(nlmsg_alloc_simple(type, 0));
  const ifinfomsg link{};
  const ifaddrmsg address{.ifa_family = AF_INET};
  const rtmsg route{.rtm_family = AF_INET};
  if (type == RTM_GETLINK) {
    nlmsg_append(message.get(), const_cast<ifinfomsg*>(&link), sizeof link, NLMSG_ALIGNTO);
  } else if (type == RTM_GETADDR) {
    nlmsg_append(message.get(), const_cast<ifaddrmsg*>(&address), sizeof address, NLMSG_ALIGNTO);
  } else {
    nlmsg_append(message.get(), const_cast<rtmsg*>(&route), sizeof route, NLMSG_ALIGNTO);
  }
  return message;
}

}  // namespace cmp::net
