#include "engine/network_warnings.hpp"

#include <doctest/doctest.h>

namespace {

using namespace cmp;  // NOLINT(google-build-using-namespace): a test of these

TEST_CASE("what a network's definition says in vain is named, with the option that is like it") {
  model::Network network;
  network.key = "front";
  network.where = {"compose.yaml", 9, 3};
  network.enable_ipv6 = true;
  network.driver_opts = {{"com.docker.network.driver.mtu", "1400"}};
  network.ipam = {{.subnet = "10.1.0.0/24"}, {.subnet = "fd00::/64"}};
  CHECK(engine::network_warnings(network).empty());
  network.ipam.push_back({.subnet = "10.2.0.0/24", .where = {"compose.yaml", 14, 11}});
  network.driver_opts["com.docker.network.driver.mtv"] = "1";
  network.enable_ipv6 = false;
  const auto warnings = engine::network_warnings(network);
  REQUIRE(warnings.size() == 3);
  CHECK(warnings[0].message == "network 'front': subnet 'fd00::/64' is not used: enable_ipv6 is not set");
  CHECK(warnings[1].str() ==
        "compose.yaml:14:11: network 'front': subnet '10.2.0.0/24' is not used: a network has one for IPv4 and one for "
        "IPv6");
  CHECK(warnings[2].str() ==
        "compose.yaml:9:3: network 'front': driver_opts: 'com.docker.network.driver.mtv' has no effect (did you mean "
        "'com.docker.network.driver.mtu'?)");
}

}  // namespace
