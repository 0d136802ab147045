#include "net/address6.hpp"

#include <doctest/doctest.h>

namespace cmp::net {

TEST_CASE("IPv6 networks are read with their prefix, and nothing else is") {
  CHECK(parse_subnet6("fd00:0:0:1::/64").value_or("") == "fd00:0:0:1::/64");
  CHECK(parse_subnet6("fd00:1:0:0:0::/64").value_or("") == "fd00:1::/64");
  for (const char* bad : {"fd00::", "fd00::/129", "fd00::/120", "fd00::1/64", "10.0.0.0/8", "/64", "fd00::/64x", ""}) {
    CHECK_FALSE(parse_subnet6(bad));
  }
  CHECK(parse_subnet6("fd00::1/64").error().message == "'fd00::1/64' has host bits set; the network is fd00::/64");
}

TEST_CASE("an address is its network's and its number's") {
  CHECK(nth_address6("fd00:77::/64", 1) == "fd00:77::1");
  CHECK(nth_address6("fd00:77::/64", 0x10002) == "fd00:77::1:2");
  CHECK(contains6("fd00:77::/64", "fd00:77::beef"));
  CHECK_FALSE(contains6("fd00:77::/64", "fd00:77:0:1::beef"));
  CHECK(contains6("fd00:77:0:8::/61", "fd00:77:0:f::1"));
  CHECK_FALSE(contains6("fd00:77:0:8::/61", "fd00:77:0:10::1"));
  CHECK(prefix_of6("fd00::/48") == 48);
  CHECK(prefix_of6("fd00::") == -1);
  CHECK(parse_ipv6("FD00:0::2").value_or("") == "fd00::2");
  CHECK_FALSE(parse_ipv6("10.0.0.1"));
}

TEST_CASE("a network that no file names is unique local, the same for the same name and another for another") {
  const std::string subnet = unique_local_subnet("shop_default");
  CHECK(subnet.starts_with("fd"));
  CHECK(subnet == unique_local_subnet("shop_default"));
  CHECK(subnet != unique_local_subnet("shop_back"));
  CHECK(parse_subnet6(subnet));
}

}  // namespace cmp::net
