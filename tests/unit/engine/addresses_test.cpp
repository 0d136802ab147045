#include "engine/addresses.hpp"

#include <doctest/doctest.h>

#include "engine/endpoint_options.hpp"
#include "engine/remembered.hpp"

namespace cmp::engine {

namespace {

/// A project "shop" with one network and services on it.
struct Town {
  model::Project project;
  state::Roots roots{"/run/x", "/var/x"};
  std::vector<state::NetworkRecord> networks, neighbour_networks;
  std::vector<state::ContainerRecord> containers, neighbour_containers;
  std::vector<net::Subnet> host_subnets;
  std::vector<net::Pool> pools = net::default_pools();
  Remembered remembered;
  std::set<std::string> made_anew;

  Town() {
    project.name = "shop";
    model::Network network;
    network.key = "default";
    network.name = "shop_default";
    project.networks.emplace("default", network);
  }

  model::Service& add(const char* name, int scale = 1) {
    model::Service& service = project.services[name];
    service.name = name;
    service.scale = scale;
    service.networks["default"] = {};
    return service;
  }

  Result<AddressPlan> plan() const {
    return plan_addresses({project, roots, networks, containers, host_subnets, neighbour_networks, neighbour_containers,
                           pools, remembered, made_anew});
  }

  std::string address(const char* container) const {
    const auto planned = plan();
    return planned ? planned->endpoints.at(container).at(0).address : planned.error().message;
  }
};

std::string refused(const model::Attachment& attachment, const state::NetworkRecord& network = {}) {
  state::EndpointRecord endpoint;
  const Status added = add_options(attachment, network, "eth0", endpoint);
  return added ? "" : added.error().message;
}

}  // namespace

TEST_CASE("a service with endpoint_mode vip has one address for all replicas, at the far end; others have none") {
  Town town;
  town.add("web", 2).endpoint_mode = "vip";
  town.add("db").endpoint_mode = "dnsrr";
  const auto plan = town.plan();
  REQUIRE(plan);
  CHECK(plan->endpoints.at("shop-db-1")[0].virtual_address.empty());
  CHECK(plan->endpoints.at("shop-db-1")[0].address == "10.89.0.2");
  for (const char* name : {"shop-web-1", "shop-web-2"}) {
    CHECK(plan->endpoints.at(name)[0].virtual_address == "10.89.0.254");
  }
  town.project.networks.at("default").driver_opts["com.docker.network.bridge.enable_icc"] = "false";
  CHECK(town.plan()->endpoints.at("shop-web-1")[0].virtual_address.empty());
}

TEST_CASE("what a project had comes again, unless somebody has it now or the file says otherwise") {
  Town town;
  town.add("a");
  model::Service& b = town.add("b");
  town.remembered = {.networks = {{"shop_default", "10.89.7.0/24"}},
                     .containers = {{"shop-b-1", {{"shop_default", "10.89.7.2"}}}}};
  CHECK(town.address("shop-a-1") == "10.89.7.3");
  CHECK(town.address("shop-b-1") == "10.89.7.2");
  b.networks["default"].ipv4_address = "10.89.7.9";
  CHECK(town.address("shop-b-1") == "10.89.7.9");
  town.host_subnets = {*net::parse_subnet("10.89.7.0/25")};
  b.networks["default"].ipv4_address = "";
  CHECK(town.address("shop-a-1") == "10.89.0.2");
}

TEST_CASE("a network without IPv4 numbers its IPv6 addresses; static ones and the gateway are nobody else's") {
  Town town;
  town.add("a", 2).endpoint_mode = "vip";
  town.add("b").networks["default"].ipv6_address = "fd00:1::0:2";
  model::Network& network = town.project.networks.at("default");
  network.enable_ipv4 = false;
  CHECK(town.address("shop-a-1").find("it has no addresses otherwise") != std::string::npos);
  network.enable_ipv6 = true;
  network.ipam = {{.subnet = "fd00:1::/64", .gateway = "fd00:1::3"}};
  auto plan = town.plan();
  REQUIRE(plan);
  CHECK(plan->networks.at("default").subnet.empty());
  const auto six = [&](const char* name) { return plan->endpoints.at(name).at(0).address6; };
  CHECK(plan->endpoints.at("shop-a-1")[0].address.empty());
  CHECK(six("shop-a-1") == "fd00:1::1:2");
  CHECK(six("shop-a-2") == "fd00:1::1:3");
  CHECK(six("shop-b-1") == "fd00:1::2");
  CHECK(plan->endpoints.at("shop-a-2")[0].virtual_address6 == "fd00:1::fffe");
  CHECK(plan->endpoints.at("shop-a-2")[0].gateway6 == "fd00:1::3");
  network.ipam[0].ip_range = "fd00:1::8:0/112";
  plan = town.plan();
  REQUIRE(plan);
  CHECK(six("shop-a-1") == "fd00:1::8:2");
  town.add("c").networks["default"].ipv6_address = "fd00:1::2";
  CHECK(town.address("shop-a-1").find("belongs to shop-b-1 already") != std::string::npos);
}

TEST_CASE("a network that is made anew has its subnet again, and its containers their addresses") {
  Town town;
  town.add("a");
  state::NetworkRecord record{.key = "default", .name = "shop_default", .subnet = "10.89.7.0/24", .config_hash = "old"};
  town.networks = {record};
  town.host_subnets = {*net::parse_subnet("10.89.7.0/24")};
  CHECK(town.address("shop-a-1") == "10.89.7.2");
  town.made_anew = {"default"};
  CHECK(town.address("shop-a-1") == "10.89.7.2");
  town.project.networks.at("default").ipam = {{.subnet = "10.89.7.0/25"}};
  CHECK(town.address("shop-a-1") == "10.89.7.2");
  town.project.networks["other"] = {.key = "other", .name = "shop_other", .ipam = {{.subnet = "10.89.7.128/25"}}};
  CHECK(town.plan());
}

TEST_CASE("what is wrong with the networks of a file is told at once") {
  Town town;
  model::Service& a = town.add("a", 2);
  a.networks["default"] = {.ipv4_address = "10.1.0.9", .ipv6_address = "fd00::9", .interface_name = "lo"};
  model::Network& network = town.project.networks.at("default");
  network.ipam = {{.subnet = "10.1.0.0/24", .ip_range = "10.2.0.0/28", .gateway = "10.1.0.255"},
                  {.aux_addresses = {{"r", "10.1.0.7"}}}};
  network.driver_opts = {{"com.docker.network.bridge.enable_icc", "no"},
                         {"com.docker.network.driver.mtu", "9e3"},
                         {"com.docker.network.bridge.gateway_mode_ipv4", "fancy"},
                         {"com.docker.network.bridge.host_binding_ipv4", "::1"},
                         {"com.docker.network.bridge.name", "a name"}};
  town.project.networks["more"] = {
      .key = "more", .driver_opts = network.driver_opts, .ipam = {{.subnet = "10.1.0.128/25"}}};
  const auto plan = town.plan();
  REQUIRE(!plan);
  std::string all = plan.error().message;
  for (const Error& other : plan.error().others) {
    all += '\n' + other.message;
  }
  for (const char* told :
       {"ip_range 10.2.0.0/28 is no part of 10.1.0.0/24", "gateway '10.1.0.255' is not an address of 10.1.0.0/24",
        "needs the subnet it is in", "enable_icc is true or false, not 'no'", "mtu is 68 to 65535, not '9e3'",
        "gateway_mode_ipv4 is nat, nat-unprotected or routed", "host_binding_ipv4 is an IPv4 address",
        "bridge.name is the name of a device", "bridge 'a name' is that of network 'default' already",
        "subnet 10.1.0.128/25 overlaps 10.1.0.0/24 of network 'default'", "ipv4_address 10.1.0.9 is for one container",
        "network 'default' has no IPv6", "interface_name 'lo'"}) {
    CHECK_MESSAGE(all.find(told) != std::string::npos, told);
  }
}

TEST_CASE("a macvlan takes the host's own subnet and has no bridge") {
  Town town;
  town.add("a");
  model::Network& network = town.project.networks.at("default");
  network.driver = "macvlan";
  CHECK(town.address("shop-a-1").find("needs the device of this host") != std::string::npos);
  network.driver_opts = {{"parent", "eth7"}, {"macvlan_mode", "private"}};
  network.ipam = {{.subnet = "192.0.2.0/24"}};
  town.host_subnets = {*net::parse_subnet("192.0.2.0/24")};
  const auto plan = town.plan();
  REQUIRE(plan);
  CHECK(plan->networks.at("default").bridge.empty());
  const state::EndpointRecord& endpoint = plan->endpoints.at("shop-a-1")[0];
  CHECK(endpoint.host_device.empty());
  CHECK(endpoint.parent == "eth7");
  CHECK(endpoint.mode == "private");
  network.driver = "bridge";
  CHECK(town.address("shop-a-1").find("overlaps 192.0.2.0/24") != std::string::npos);
}

TEST_CASE("options of an interface: its name, link-local addresses, parameters of its own") {
  model::Attachment attachment;
  attachment.link_local_ips = {"169.254.1.1", "fe80::0:7"};
  attachment.driver_opts = {
      {"com.docker.network.endpoint.ifname", "web0"},
      {"com.docker.network.endpoint.sysctls", "net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.accept_ra=0"}};
  state::EndpointRecord endpoint;
  REQUIRE(add_options(attachment, {}, "eth3", endpoint));
  CHECK(endpoint.container_device == "web0");
  CHECK(endpoint.link_local == std::vector<std::string>{"169.254.1.1", "fe80::7"});
  CHECK(endpoint.sysctls.at("net.ipv4.conf.web0.log_martians") == "1");
  CHECK(endpoint.sysctls.at("net.ipv6.conf.web0.accept_ra") == "0");
  attachment.driver_opts.clear();
  REQUIRE(add_options(attachment, {}, "eth3", endpoint));
  CHECK(endpoint.container_device == "eth3");
}

TEST_CASE("an interface's options that reach beyond it are refused") {
  model::Attachment attachment;
  for (const char* sysctl :
       {"net.ipv4.ip_forward=1", "kernel.x.IFNAME.y=1", "net.ipv4.conf.IFNAME.x", "net.a.IFNAME/../b=1"}) {
    attachment.driver_opts["com.docker.network.endpoint.sysctls"] = sysctl;
    CHECK(refused(attachment).find(sysctl) != std::string::npos);
  }
  attachment.driver_opts.clear();
  attachment.link_local_ips = {"10.0.0.1"};
  CHECK(refused(attachment) == "link_local_ips: '10.0.0.1' is no link-local address (169.254.0.0/16, fe80::/10)");
  state::NetworkRecord network;
  network.driver = "ipvlan";
  network.options["ipvlan_mode"] = "bridge";
  CHECK(refused({}, network) == "ipvlan has no mode 'bridge', its modes are l2 l3 l3s");
}

TEST_CASE("the administrator's pools are read, and what is no pool is told") {
  const auto pools = pools_in(R"({"default-address-pools": [{"base": "10.200.0.0/16", "size": 26}]})");
  REQUIRE(pools);
  REQUIRE(pools->size() == 1);
  CHECK(pools->at(0).size == 26);
  CHECK(pools_in("{}")->size() == net::default_pools().size());
  for (const char* text : {"", "[]", R"({"default-address-pools": []})", R"({"default-address-pools": [1]})",
                           R"({"default-address-pools": [{"base": "10.200.0.1/16", "size": 26}]})",
                           R"({"default-address-pools": [{"base": "10.200.0.0/16", "size": 8}]})",
                           R"({"default-address-pools": [{"base": "10.200.0.0/16", "size": 31}]})"}) {
    CHECK_FALSE(pools_in(text));
  }
}

}  // namespace cmp::engine
