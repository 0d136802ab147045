#include "net/filter_rules.hpp"

#include <linux/netlink.h>

#include <cstring>

#include <doctest/doctest.h>

#include "net/filter_encode.hpp"
#include "net/filter_text.hpp"

namespace cmp::net::filter {

namespace {

AddressBytes bytes(const char* text) {
  return address_bytes(text);
}

Filter shop() {
  return {.table = "cmp-shop",
          .family = Family::kIpv4,
          .networks = {{.bridge = "br1", .range = {bytes("10.89.1.0"), 24}},
                       {.bridge = "br3", .range = {bytes("10.89.3.0"), 24}, .internal = true}},
          .ports = {{.host = "",
                     .port = 8080,
                     .protocol = Protocol::kTcp,
                     .targets = {{bytes("10.89.1.2"), 80}, {bytes("10.89.1.3"), 80}}}}};
}

}  // namespace

TEST_CASE("a project's rules: internal networks first, published ports in turns, masquerade on the way out") {
  CHECK(text_of(project_table(shop())) == R"(table ip cmp-shop {
  chain ports {
    tcp dport 8080 numgen inc mod 2 0 dnat to 10.89.1.2:80
    tcp dport 8080 dnat to 10.89.1.3:80
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "br3" oifname != "br3" drop
    oifname "br3" iifname != "br3" drop
    ct state established,related accept
    oifname "br1" iifname "br1" accept
    oifname "br1" ct status dnat accept
    oifname "br1" drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr 10.89.1.0/24 oifname != "br1" masquerade
    ip saddr 10.89.1.0/24 oifname "br1" ct status dnat masquerade
    ip saddr 10.89.3.0/24 oifname "br3" ct status dnat masquerade
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump ports
  }
  chain output {
    type nat hook output priority -100; policy accept;
    ip daddr != 127.0.0.0/8 fib daddr type local jump ports
  }
}
)");
}

TEST_CASE("a project that publishes nothing has no rule for addresses of the host") {
  Filter filter = shop();
  filter.ports.clear();
  const std::string text = text_of(project_table(filter));
  CHECK(text.find("prerouting") == std::string::npos);
  CHECK(text.find("hook output") == std::string::npos);
}

TEST_CASE("where the host does not forward, a port's socket takes what comes in; the host itself is still led") {
  Filter filter = shop();
  filter.forwards = false;
  const std::string text = text_of(project_table(filter));
  CHECK(text.find("prerouting") == std::string::npos);
  CHECK(text.find("ip daddr != 127.0.0.0/8 fib daddr type local jump ports") != std::string::npos);
}

TEST_CASE("a port of SCTP is led like others") {
  Filter filter = shop();
  filter.ports[0].protocol = Protocol::kSctp;
  CHECK(text_of(project_table(filter)).find("sctp dport 8080 dnat to 10.89.1.3:80") != std::string::npos);
}

TEST_CASE("a port on one address of the host is that address's only, in IPv6 too") {
  Filter filter{.table = "t",
                .family = Family::kIpv6,
                .networks = {},
                .ports = {{.host = bytes("2001:db8::1"),
                           .port = 53,
                           .protocol = Protocol::kUdp,
                           .targets = {{bytes("fd00::2"), 5353}}}}};
  const std::string text = text_of(project_table(filter));
  CHECK(text.find("ip6 daddr 2001:db8::1 udp dport 53 dnat to [fd00::2]:5353\n") != std::string::npos);
  CHECK(text.find("ip6 daddr != ::1 fib daddr type local jump ports\n") != std::string::npos);
}

TEST_CASE("a service's address leads to its containers in turn, from its own bridge and from the host only") {
  Filter filter = shop();
  filter.ports.clear();
  filter.services = {
      {.bridge = "br1", .address = bytes("10.89.1.254"), .targets = {bytes("10.89.1.2"), bytes("10.89.1.3")}},
      {.bridge = "br3", .address = bytes("10.89.3.254"), .targets = {}}};
  const std::string text = text_of(project_table(filter));
  CHECK(text.find(R"(  chain services {
    ip daddr 10.89.1.254 numgen inc mod 2 0 dnat to 10.89.1.2
    ip daddr 10.89.1.254 dnat to 10.89.1.3
    ip daddr 10.89.3.254 drop
  }
)") != std::string::npos);
  CHECK(text.find(R"(    type nat hook prerouting priority dstnat; policy accept;
    iifname "br1" ip daddr 10.89.1.254 jump services
    iifname "br3" ip daddr 10.89.3.254 jump services
)") != std::string::npos);
  CHECK(text.find(R"(    type nat hook output priority -100; policy accept;
    ip daddr 10.89.1.254 jump services
    ip daddr 10.89.3.254 jump services
)") != std::string::npos);
}

TEST_CASE("networks without masquerade and with direct routing lack those rules") {
  Filter filter = shop();
  filter.networks = {{.bridge = "br1", .range = {bytes("10.89.1.0"), 24}, .masquerade = false, .reachable = true}};
  const std::string text = text_of(project_table(filter));
  CHECK(text.find("oifname != \"br1\" masquerade") == std::string::npos);
  CHECK(text.find("oifname \"br1\" drop") == std::string::npos);
}

TEST_CASE("addresses of both families are read and written, others are not") {
  for (const char* text : {"10.89.0.1", "fd00::1", "::"}) {
    CHECK(address_text(address_bytes(text)) == text);
  }
  CHECK(address_bytes("10.89.0").empty());
  CHECK(address_text("abc") == "?");
}

TEST_CASE("the same table is the same batch, and messages are whole") {
  Batch one;
  one.replace(project_table(shop()));
  Batch two;
  two.replace(project_table(shop()));
  const Octets bytes_of_one = std::move(one).take();
  CHECK(bytes_of_one == std::move(two).take());
  std::size_t at = 0;
  int messages = 0;
  while (at + sizeof(nlmsghdr) <= bytes_of_one.size()) {
    nlmsghdr header{};
    std::memcpy(&header, &bytes_of_one[at], sizeof header);
    CHECK(header.nlmsg_seq == static_cast<unsigned>(messages));
    REQUIRE(header.nlmsg_len >= sizeof header);
    at += header.nlmsg_len;
    ++messages;
  }
  CHECK(at == bytes_of_one.size());
  // Begin and end, three for the table, five chains, thirteen rules.
  CHECK(messages == 2 + 3 + 5 + 13);
}

}  // namespace cmp::net::filter
