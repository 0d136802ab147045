#include <doctest/doctest.h>

#include "net/net.hpp"

namespace cmp::net {

TEST_CASE("IPv4 addresses are read and written") {
  for (const auto* text : {"0.0.0.0", "10.89.3.1", "127.0.0.11", "255.255.255.255"}) {
    const auto address = parse_ipv4(text);
    REQUIRE(address);
    CHECK(format_ipv4(*address) == text);
  }
  CHECK(*parse_ipv4("10.89.3.1") == 0x0a590301);
}

TEST_CASE("what is no IPv4 address is refused") {
  for (const auto* text : {"", "10", "10.89.3", "10.89.3.", "10.89.3.256", "10.89.3.1 ", " 10.89.3.1", "10.89.3.1.2",
                           "10..3.1", "10.89.03.1", "10.89.3.-1", "a.b.c.d", "::1", "10.89.3.1/24"}) {
    CAPTURE(text);
    const auto address = parse_ipv4(text);
    REQUIRE(!address);
    CHECK(address.error().message.starts_with("'" + std::string(text) + "' is not an IPv4 address"));
  }
}

TEST_CASE("networks are read and written") {
  for (const auto* text : {"0.0.0.0/0", "10.89.3.0/24", "172.30.0.0/15", "10.0.0.7/32"}) {
    const auto subnet = parse_subnet(text);
    REQUIRE(subnet);
    CHECK(format_subnet(*subnet) == text);
  }
}

TEST_CASE("what is no network is refused; host bits are named") {
  for (const auto* text :
       {"", "10.89.3.0", "10.89.3.0/", "10.89.3.0/33", "10.89.3.0/024", "10.89.3/24", "10.89.3.0/a"}) {
    CAPTURE(text);
    CHECK(!parse_subnet(text));
  }
  CHECK(parse_subnet("10.89.3.1/24").error().message ==
        "'10.89.3.1/24' has host bits set; the network is 10.89.3.0/24");
}

TEST_CASE("networks overlap when one holds the other") {
  const auto overlap = [](const char* a, const char* b) {
    const bool result = overlaps(*parse_subnet(a), *parse_subnet(b));
    CHECK(overlaps(*parse_subnet(b), *parse_subnet(a)) == result);
    return result;
  };
  CHECK(overlap("10.89.0.0/16", "10.89.3.0/24"));
  CHECK(overlap("0.0.0.0/0", "255.255.255.0/24"));
  CHECK(overlap("10.89.3.0/24", "10.89.3.0/24"));
  CHECK(!overlap("10.89.3.0/24", "10.89.4.0/24"));
  CHECK(!overlap("10.89.3.0/25", "10.89.3.128/25"));
}

TEST_CASE("the hardware address is made of the address") {
  CHECK(mac_of(0x0a5903fe) == "02:42:0a:59:03:fe");
}

TEST_CASE("hardware addresses are six bytes and not a group's") {
  CHECK(is_mac("02:42:0a:59:03:fe"));
  CHECK(is_mac("0E:42:AC:59:03:FE"));
  for (const auto* text : {"", "02:42", "02:42:0a:59:03:f", "02:42:0a:59:03:fe:", "02-42-0a-59-03-fe",
                           "0g:42:0a:59:03:fe", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "0 :42:0a:59:03:fe"}) {
    CAPTURE(text);
    CHECK(!is_mac(text));
  }
}

}  // namespace cmp::net
