#include "net/ipam.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace cmp::net {

namespace {

Subnet subnet(const char* text) {
  return *parse_subnet(text);
}

std::uint32_t ip(const char* text) {
  return *parse_ipv4(text);
}

std::string chosen(const std::vector<Subnet>& taken) {
  const auto result = choose_subnet(default_pools(), taken, {});
  return result ? format_subnet(*result) : result.error().message;
}

}  // namespace

TEST_CASE("a network gets the first /24 that overlaps nothing") {
  CHECK(chosen({}) == "10.89.0.0/24");
  CHECK(chosen({subnet("10.89.0.0/24"), subnet("10.89.1.128/25"), subnet("127.0.0.0/8")}) == "10.89.2.0/24");
  CHECK(chosen({subnet("10.89.0.0/16")}) == "10.90.0.0/24");
  CHECK(chosen({subnet("10.0.0.0/8")}) == "172.30.0.0/24");
  CHECK(chosen({subnet("10.0.0.0/8"), subnet("172.16.0.0/12")}) == "192.168.128.0/24");
}

TEST_CASE("when every pool is taken the error says what to do") {
  const auto result =
      choose_subnet(default_pools(), {subnet("10.0.0.0/8"), subnet("172.16.0.0/12"), subnet("192.168.0.0/16")}, {});
  REQUIRE(!result);
  CHECK(result.error().code == Code::kConflict);
  CHECK(result.error().message.find("subnet of its own") != std::string::npos);
}

TEST_CASE("three hundred networks come from small pools without a collision, and the pools' end is told") {
  const std::vector<Pool> pools{{subnet("10.200.0.0/19"), 27}, {subnet("10.201.0.0/20"), 26}};
  std::vector<Subnet> taken{subnet("10.200.1.0/24")};
  for (int i = 0; i < 256 - 8 + 64; ++i) {
    const auto next = choose_subnet(pools, taken, {});
    REQUIRE(next);
    taken.push_back(*next);
  }
  std::ranges::sort(taken);
  for (std::size_t i = 1; i < taken.size(); ++i) {
    REQUIRE_FALSE(overlaps(taken[i - 1], taken[i]));
  }
  CHECK_FALSE(choose_subnet(pools, taken, {}));
}

TEST_CASE("a network that was there before comes again, unless it is taken or no pool has it any more") {
  const std::vector<Pool> pools{{subnet("10.200.0.0/16"), 24}};
  CHECK(*choose_subnet(pools, {}, subnet("10.200.9.0/24")) == subnet("10.200.9.0/24"));
  CHECK(*choose_subnet(pools, {subnet("10.200.9.128/25")}, subnet("10.200.9.0/24")) == subnet("10.200.0.0/24"));
  CHECK(*choose_subnet(pools, {}, subnet("10.89.9.0/24")) == subnet("10.200.0.0/24"));
}

TEST_CASE("addresses come lowest first, after the gateway, and stay with their owner") {
  AddressPool pool(subnet("10.89.0.0/24"), {}, {});
  CHECK(pool.gateway() == ip("10.89.0.1"));
  CHECK(*pool.allocate("web") == ip("10.89.0.2"));
  CHECK(*pool.allocate("db") == ip("10.89.0.3"));
  CHECK(*pool.allocate("web") == ip("10.89.0.2"));
}

TEST_CASE("reserved addresses are passed over and given to their owner only") {
  AddressPool pool(subnet("10.89.0.0/24"), {}, ip("10.89.0.254"));
  CHECK(pool.reserve(ip("10.89.0.1"), "db"));
  CHECK(pool.reserve(ip("10.89.0.1"), "db"));
  CHECK(*pool.allocate("web") == ip("10.89.0.2"));
  CHECK(*pool.allocate("db") == ip("10.89.0.1"));
  const auto taken = pool.reserve(ip("10.89.0.1"), "web");
  REQUIRE(!taken);
  CHECK(taken.error().code == Code::kConflict);
  CHECK(taken.error().message == "address 10.89.0.1 belongs to db already");
  CHECK(pool.reserve(ip("10.89.0.254"), "web").error().message == "address 10.89.0.254 belongs to the gateway already");
}

TEST_CASE("addresses that no host can have are refused") {
  AddressPool pool(subnet("10.89.0.0/24"), {}, {});
  CHECK(pool.reserve(ip("10.90.0.1"), "a").error().message == "address 10.90.0.1 is not in the network 10.89.0.0/24");
  CHECK(pool.reserve(ip("10.89.0.0"), "a").error().message ==
        "address 10.89.0.0 is the network address of the network 10.89.0.0/24");
  CHECK(pool.reserve(ip("10.89.0.255"), "a").error().message ==
        "address 10.89.0.255 is the broadcast address of the network 10.89.0.0/24");
}

TEST_CASE("addresses come from the range, up to its last one") {
  AddressPool pool(subnet("10.89.0.0/24"), subnet("10.89.0.128/31"), {});
  CHECK(pool.gateway() == ip("10.89.0.1"));
  CHECK(*pool.allocate("a") == ip("10.89.0.128"));
  CHECK(*pool.allocate("b") == ip("10.89.0.129"));
  const auto full = pool.allocate("c");
  REQUIRE(!full);
  CHECK(full.error().code == Code::kConflict);
  CHECK(full.error().message == "no free address is left in 10.89.0.128/31");
}

TEST_CASE("addresses from the far end are the highest free ones, and stay with their owner too") {
  AddressPool pool(subnet("10.89.0.0/29"), {}, ip("10.89.0.6"));
  CHECK(*pool.allocate("a") == ip("10.89.0.1"));
  CHECK(*pool.allocate_last("service") == ip("10.89.0.5"));
  CHECK(*pool.allocate_last("other") == ip("10.89.0.4"));
  CHECK(*pool.allocate_last("service") == ip("10.89.0.5"));
  CHECK(*pool.allocate("b") == ip("10.89.0.2"));
  CHECK(*pool.allocate("c") == ip("10.89.0.3"));
  CHECK_FALSE(pool.allocate_last("more"));
}

TEST_CASE("a full /30 has room for one host beside the gateway, also at the end of all addresses") {
  AddressPool pool(subnet("255.255.255.252/30"), {}, {});
  CHECK(*pool.allocate("a") == ip("255.255.255.254"));
  CHECK(!pool.allocate("b"));
}

}  // namespace cmp::net
