#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <netlink/addr.h>
#include <netlink/netlink.h>
#include <netlink/route/route.h>

#include "kernel/net/private_network.hpp"
#include "net/forwarding_watch.hpp"
#include "net/namespace.hpp"
#include "net/net.hpp"
#include "net/socket_address.hpp"
#include "sys/file.hpp"

namespace cmp::net::testing {

namespace {

/// Words of a file in /proc as a process in `netns` reads them.
std::string read_in(int netns, const std::string& path) {
  const auto visit = NamespaceVisit::enter(netns);
  return visit ? sys::read_file(path).value_or("unreadable") : "no namespace";
}

/// MTU and hardware address of a device in `netns`, by ioctl(2): another way than the one under test.
std::string properties_in(int netns, const char* device) {
  const auto visit = NamespaceVisit::enter(netns);
  const auto fd = open_socket(SOCK_DGRAM);
  ifreq request{};
  std::strcpy(request.ifr_name, device);
  if (!visit || !fd || ::ioctl(fd->get(), SIOCGIFMTU, &request) != 0) {
    return "unreadable";
  }
  std::string text = std::to_string(request.ifr_mtu);
  ::ioctl(fd->get(), SIOCGIFHWADDR, &request);
  for (int i = 0; i < 6; ++i) {
    text += fmt::format("{}{:02x}", i == 0 ? ' ' : ':', static_cast<unsigned char>(request.ifr_hwaddr.sa_data[i]));
  }
  return text;
}

Links links_here() {
  auto links = Links::open();
  REQUIRE(links);
  return std::move(*links);
}

/// The message, or "" for success.
std::string message_of(const Status& status) {
  return status ? "" : status.error().message;
}

/// An administrator's route to nowhere.
void add_unreachable(const Subnet& subnet, std::uint32_t table) {
  const std::uint32_t bytes = htonl(subnet.address);
  nl_addr* destination = nl_addr_build(AF_INET, &bytes, sizeof bytes);
  nl_addr_set_prefixlen(destination, subnet.prefix);
  rtnl_route* route = rtnl_route_alloc();
  rtnl_route_set_family(route, AF_INET);
  rtnl_route_set_dst(route, destination);
  rtnl_route_set_table(route, table);
  rtnl_route_set_type(route, RTN_UNREACHABLE);
  nl_sock* socket = nl_socket_alloc();
  REQUIRE(nl_connect(socket, NETLINK_ROUTE) == 0);
  REQUIRE(rtnl_route_add(socket, route, NLM_F_CREATE) == 0);
  nl_socket_free(socket);
  rtnl_route_put(route);
  nl_addr_put(destination);
}

/// A namespace with one endpoint.
UniqueFd make_container(Links& links, const Endpoint& endpoint) {
  UniqueFd netns = make_namespace();
  REQUIRE(message_of(links.attach(netns.get(), {endpoint})).empty());
  return netns;
}

}  // namespace

TEST_CASE("two containers on one bridge reach each other and their gateway") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(message_of(links.create_bridge(bridge_of("br1", 1))).empty());
  const UniqueFd web = make_container(links, endpoint_of("br1", 1, 2));
  const UniqueFd db = make_container(links, endpoint_of("br1", 1, 3));
  const auto server = tcp_listener_in(db.get(), "0.0.0.0", 5432);
  REQUIRE(server);
  CHECK(try_connect(web.get(), "10.89.1.3", 5432, 2000) == 0);
  CHECK(try_connect(web.get(), "10.89.1.3", 5433, 2000) == ECONNREFUSED);
  CHECK(try_connect(web.get(), "10.89.1.1", 80, 2000) == ECONNREFUSED);
}

TEST_CASE("containers on two bridges do not reach each other although the host forwards") {
  enter_private_network();
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/ip_forward", "1"));
  Links links = links_here();
  REQUIRE(message_of(links.create_bridge(bridge_of("br1", 1))).empty());
  REQUIRE(message_of(links.create_bridge(bridge_of("br2", 2))).empty());
  const UniqueFd web = make_container(links, endpoint_of("br1", 1, 2));
  const UniqueFd db = make_container(links, endpoint_of("br2", 2, 2));
  const auto server = tcp_listener_in(db.get(), "0.0.0.0", 5432);
  REQUIRE(server);
  CHECK(try_connect(web.get(), "10.89.2.2", 5432, 300) != 0);
  // The same path with forwarding on works: it was that switch that kept them apart.
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/conf/br1/forwarding", "1"));
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/conf/br2/forwarding", "1"));
  CHECK(try_connect(web.get(), "10.89.2.2", 5432, 2000) == 0);
}

TEST_CASE("bridges that somebody's ip_forward=1 joined are noticed and taken apart again") {
  enter_private_network();
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/ip_forward", "0"));  // a new network may have the host's value
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  auto watch = ForwardingWatch::open();
  REQUIRE(watch);
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/ip_forward", "0"));
  CHECK(!watch->take_news());
  REQUIRE(sys::write_kernel_file("/proc/sys/net/ipv4/ip_forward", "1"));
  CHECK(sys::read_file("/proc/sys/net/ipv4/conf/br1/forwarding").value_or("") == "1\n");
  CHECK(watch->take_news());
  CHECK(links.set_forwarding({"br1", "br9"}, false));
  CHECK(sys::read_file("/proc/sys/net/ipv4/conf/br1/forwarding").value_or("") == "0\n");
  CHECK(!watch->take_news());
}

TEST_CASE("a container has the address, the hardware address and the default route it was given, and no IPv6 address") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(message_of(links.create_bridge(bridge_of("br1", 1))).empty());
  const UniqueFd web = make_container(links, endpoint_of("br1", 1, 7));
  auto inside = Links::open_in(web.get());
  REQUIRE(inside);
  const auto subnets = inside->host_subnets();
  REQUIRE(subnets);
  CHECK(std::ranges::find(*subnets, Subnet{0x0a590100, 24}) != subnets->end());
  // The default route: destination and mask 0, gateway 10.89.1.1 as a little-endian number.
  CHECK(read_in(web.get(), "/proc/thread-self/net/route").find("eth0\t00000000\t0101590A") != std::string::npos);
  CHECK(read_in(web.get(), "/proc/thread-self/net/if_inet6").find("eth0") == std::string::npos);
  CHECK(read_in(web.get(), "/proc/thread-self/net/fib_trie").find("10.89.1.7") != std::string::npos);
  CHECK(sys::read_file("/proc/thread-self/net/if_inet6").value_or("").find("br1") == std::string::npos);
}

TEST_CASE("one attach joins a container to several networks; only the first is its default route") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  REQUIRE(links.create_bridge(bridge_of("br2", 2)));
  Endpoint first = endpoint_of("br1", 1, 2);
  Endpoint second = endpoint_of("br2", 2, 2);
  second.container_device = "eth1";
  second.gateway = 0;
  const UniqueFd web = make_namespace();
  REQUIRE(message_of(links.attach(web.get(), {first, second})).empty());
  CHECK(try_connect(web.get(), "10.89.1.1", 80, 2000) == ECONNREFUSED);
  CHECK(try_connect(web.get(), "10.89.2.1", 80, 2000) == ECONNREFUSED);
  CHECK(links.devices("v").value_or({}) == std::vector<std::string>{"v1-2", "v2-2"});
}

TEST_CASE("a container may be in more networks than fit into one message") {
  enter_private_network();
  Links links = links_here();
  std::vector<Endpoint> endpoints;
  for (unsigned i = 0; i < 40; ++i) {
    const std::string bridge = "br" + std::to_string(i);
    REQUIRE(links.create_bridge(bridge_of(bridge, i)));
    endpoints.push_back(endpoint_of(bridge, i, 2));
    endpoints.back().container_device = "eth" + std::to_string(i);
    endpoints.back().gateway = 0;
  }
  const UniqueFd web = make_namespace();
  REQUIRE(message_of(links.attach(web.get(), endpoints)).empty());
  CHECK(try_connect(web.get(), "10.89.39.1", 80, 2000) == ECONNREFUSED);
}

TEST_CASE("a container's devices have the hardware address and the MTU that were asked for") {
  enter_private_network();
  Links links = links_here();
  Bridge bridge = bridge_of("br1", 1);
  bridge.mtu = 1400;
  REQUIRE(links.create_bridge(bridge));
  Endpoint first = endpoint_of("br1", 1, 2);
  first.mtu = 1400;
  const UniqueFd web = make_container(links, first);
  Endpoint second = endpoint_of("br1", 1, 3);
  second.mac = "02:00:00:00:be:ef";
  const UniqueFd db = make_container(links, second);
  CHECK(properties_in(web.get(), "eth0") == "1400 02:42:0a:59:01:02");
  CHECK(properties_in(db.get(), "eth0") == "1500 02:00:00:00:be:ef");
}

TEST_CASE("making a bridge twice brings it to the second state") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  Bridge moved = bridge_of("br1", 4);
  moved.mtu = 1400;
  REQUIRE(message_of(links.create_bridge(moved)).empty());
  REQUIRE(message_of(links.create_bridge(moved)).empty());
  const auto subnets = links.host_subnets();
  REQUIRE(subnets);
  CHECK(std::ranges::count(*subnets, Subnet{0x0a590100, 24}) == 0);
  CHECK(std::ranges::count(*subnets, Subnet{0x0a590400, 24}) == 1);
  CHECK(sys::read_file("/proc/sys/net/ipv4/conf/br1/forwarding").value_or("") == "0\n");
}

TEST_CASE("a container that comes again replaces the pair of its last life") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  const UniqueFd old_life = make_container(links, endpoint_of("br1", 1, 2));
  const UniqueFd new_life = make_container(links, endpoint_of("br1", 1, 2));
  CHECK(try_connect(new_life.get(), "10.89.1.1", 80, 2000) == ECONNREFUSED);
  CHECK(links.devices("v").value_or({}) == std::vector<std::string>{"v1-2"});
}

TEST_CASE("removing devices: those that are missing count as removed") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  REQUIRE(links.create_bridge(bridge_of("br2", 2)));
  REQUIRE(links.create_bridge(bridge_of("keep", 3)));
  CHECK(links.remove_devices({"br1", "br9", "br2"}));
  CHECK(links.devices("").value_or({}) == std::vector<std::string>{"keep", "lo"});
  CHECK(links.remove_devices({"br1", "br2"}));
  CHECK(links.remove_devices({}));
  CHECK(links.remove_device("br1"));
  CHECK(links.remove_device("keep"));
  CHECK(links.devices("").value_or({}) == std::vector<std::string>{"lo"});
}

TEST_CASE("errors name the device and the reason") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  const UniqueFd web = make_container(links, endpoint_of("br1", 1, 2));

  const auto wrong_kind = links.create_bridge({.name = "v1-2", .gateway = 0x0a590101});
  CHECK(message_of(wrong_kind) == "device 'v1-2' exists and is none of ours");

  const auto no_bridge = links.attach(web.get(), {endpoint_of("br7", 7, 2)});
  CHECK(message_of(no_bridge) == "there is no bridge 'br7'");

  const auto inner_taken = links.attach(web.get(), {endpoint_of("br1", 1, 9)});
  REQUIRE(!inner_taken);
  CHECK(inner_taken.error().code == Code::kConflict);
  CHECK(inner_taken.error().message.starts_with("veth pair 'v1-9' and 'eth0' in the container: file exists"));

  Endpoint bad_mac = endpoint_of("br1", 1, 9);
  bad_mac.mac = "02:42";
  CHECK(message_of(links.attach(web.get(), {bad_mac})) == "'02:42' is not a hardware address");

  const auto long_name = links.create_bridge({.name = "sixteen-letters-", .gateway = 0x0a590101});
  CHECK(message_of(long_name) == "'sixteen-letters-' cannot be the name of a network device");
}

TEST_CASE("what the host routes is taken: other tables, routes to nowhere, but not default routes") {
  enter_private_network();
  Links links = links_here();
  REQUIRE(links.create_bridge(bridge_of("br1", 1)));
  add_unreachable({0x0a5a0000, 16}, RT_TABLE_MAIN);
  add_unreachable({0x0a5b0000, 16}, 4711);
  add_unreachable({0, 0}, RT_TABLE_MAIN);
  add_unreachable({0x80000000, 1}, RT_TABLE_MAIN);
  const auto subnets = links.host_subnets();
  REQUIRE(subnets);
  CHECK(std::ranges::is_sorted(*subnets));
  CHECK(std::ranges::count(*subnets, Subnet{0x0a5a0000, 16}) == 1);
  CHECK(std::ranges::count(*subnets, Subnet{0x0a5b0000, 16}) == 1);
  CHECK(std::ranges::none_of(*subnets, [](const Subnet& subnet) { return subnet.prefix < 8; }));
  CHECK(std::ranges::count(*subnets, Subnet{0x7f000000, 8}) == 1);
  CHECK(std::ranges::count(*subnets, Subnet{0x0a590100, 24}) == 1);
}

TEST_CASE("the DNS address of a container can be bound in its namespace, once") {
  enter_private_network();
  Links links = links_here();
  const UniqueFd web = make_namespace();
  REQUIRE(message_of(links.attach(web.get(), {})).empty());
  const auto udp = udp_socket_in(web.get(), "127.0.0.11", 53);
  const auto tcp = tcp_listener_in(web.get(), "127.0.0.11", 53);
  CHECK(udp);
  CHECK(tcp);
  CHECK(try_connect(web.get(), "127.0.0.11", 53, 2000) == 0);
  const auto again = tcp_listener_in(web.get(), "127.0.0.11", 53);
  REQUIRE(!again);
  CHECK(again.error().code == Code::kConflict);
  CHECK(again.error().message == "tcp: 127.0.0.11:53: address already in use");
  // The caller is where it was: the same port is free here.
  CHECK(bound_socket(SOCK_STREAM, {0x7f00000b, 53}));
}

}  // namespace cmp::net::testing
