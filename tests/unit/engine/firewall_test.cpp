#include "engine/firewall.hpp"

#include <doctest/doctest.h>

#include "net/filter_text.hpp"

namespace cmp::engine {

namespace {

state::NetworkRecord network(const char* key, const char* subnet) {
  state::NetworkRecord record;
  record.key = key;
  record.bridge = std::string("br-") + key;
  record.subnet = subnet;
  return record;
}

state::ContainerRecord container(const char* name, const char* address) {
  state::ContainerRecord record;
  record.service = "web";
  record.name = name;
  record.process.pid = 100;
  record.state = state::ContainerState::kRunning;
  state::EndpointRecord endpoint;
  endpoint.address = address;
  endpoint.gateway = "10.89.0.1";
  record.endpoints.push_back(endpoint);
  record.ports = {{.host_ip = "0.0.0.0", .host_port = 8080, .target = 80, .protocol = "tcp"}};
  return record;
}

/// The addresses that port 8080 leads to, in a row.
std::string targets(const std::vector<const state::ContainerRecord*>& containers) {
  std::string out;
  for (const auto& filter : filters_of("t", {network("one", "10.89.0.0/24")}, containers)) {
    for (const auto& port : filter.ports) {
      for (const auto& target : port.targets) {
        out += (out.empty() ? "" : " ") + net::filter::address_text(target.address);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("a port leads to every running container of its service") {
  const auto a = container("a", "10.89.0.2");
  const auto b = container("b", "10.89.0.3");
  CHECK(targets({&a, &b}) == "10.89.0.2 10.89.0.3");
}

TEST_CASE("containers that are unhealthy, starting or being stopped get nothing new while others are ready") {
  const auto ready = container("a", "10.89.0.2");
  auto unhealthy = container("b", "10.89.0.3");
  unhealthy.health = state::Health::kUnhealthy;
  auto created = container("c", "10.89.0.4");
  created.state = state::ContainerState::kCreated;
  auto leaving = container("d", "10.89.0.5");
  leaving.stop_requested = true;
  CHECK(targets({&ready, &unhealthy, &created, &leaving}) == "10.89.0.2");
  CHECK(targets({&unhealthy, &created, &leaving}) == "10.89.0.3");
  CHECK(targets({&created, &leaving}) == "10.89.0.4");
  CHECK(targets({&leaving}).empty());
}

TEST_CASE("a port on a loopback address has no rule: its own socket answers there") {
  auto web = container("a", "10.89.0.2");
  web.ports[0].host_ip = "127.0.0.1";
  CHECK(targets({&web}).empty());
  web.ports[0].host_ip = "192.0.2.1";
  CHECK(targets({&web}) == "10.89.0.2");
}

TEST_CASE("a container on internal networks only is not published by rules") {
  auto hidden = container("a", "10.89.0.2");
  hidden.endpoints[0].gateway.clear();
  CHECK(targets({&hidden}).empty());
}

TEST_CASE("networks without a subnet of a family have no part in its table; bridge options change the rules") {
  auto plain = network("one", "10.89.0.0/24");
  CHECK(filters_of("t", {plain}, {}).size() == 1);
  plain.subnet6 = "fd00:1::/64";
  REQUIRE(filters_of("t", {plain}, {}).size() == 2);
  CHECK(filters_of("t", {plain}, {})[1].networks[0].range.prefix == 64);
  CHECK(filters_of("t", {plain}, {})[0].networks[0].masquerade);
  plain.options["com.docker.network.bridge.enable_ip_masquerade"] = "false";
  CHECK_FALSE(filters_of("t", {plain}, {})[0].networks[0].masquerade);
  plain.options["com.docker.network.bridge.gateway_mode_ipv4"] = "routed";
  CHECK(filters_of("t", {plain}, {})[0].networks[0].reachable);
  CHECK_FALSE(filters_of("t", {plain}, {})[1].networks[0].reachable);
}

TEST_CASE("an address of a service leads to those of its containers that are ready") {
  auto a = container("a", "10.89.0.2");
  auto b = container("b", "10.89.0.3");
  for (auto* each : {&a, &b}) {
    each->ports.clear();
    each->endpoints[0].bridge = "br-one";
    each->endpoints[0].virtual_address = "10.89.0.254";
  }
  const auto led = [&] {
    const auto filters = filters_of("t", {}, {&a, &b});
    REQUIRE(filters.size() == 1);
    REQUIRE(filters[0].services.size() == 1);
    CHECK(filters[0].services[0].bridge == "br-one");
    CHECK(net::filter::address_text(filters[0].services[0].address) == "10.89.0.254");
    return filters[0].services[0].targets.size();
  };
  CHECK(led() == 2);
  b.health = state::Health::kUnhealthy;
  CHECK(led() == 1);
  a.stop_requested = true;
  CHECK(led() == 1);
  b.process = {};
  CHECK(led() == 0);
}

TEST_CASE("a container on the host's own device beside it is not published by rules") {
  auto beside = container("a", "192.0.2.7");
  beside.endpoints[0].driver = "macvlan";
  CHECK(targets({&beside}).empty());
}

TEST_CASE("a project on somebody else's network has its ports and no network of its own") {
  const auto web = container("a", "10.89.0.2");
  const auto filters = filters_of("t", {}, {&web});
  REQUIRE(filters.size() == 1);
  CHECK(filters[0].networks.empty());
  CHECK(filters[0].ports.size() == 1);
}

}  // namespace cmp::engine
