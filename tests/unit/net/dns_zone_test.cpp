#include "net/dns_zone.hpp"

#include <doctest/doctest.h>

#include "unit/net/dns_wire.hpp"

namespace cmp::net::dns::testing {

namespace {

Zone shop() {
  Zone zone;
  zone.add_name("db", *parse_ipv4("10.89.0.2"));
  zone.add_name("Web", *parse_ipv4("10.89.0.3"));
  zone.add_name("web", *parse_ipv4("10.89.0.4"));
  zone.add_name("web", *parse_ipv4("10.89.0.5"));
  zone.add_name("web", *parse_ipv4("10.89.0.3"));
  zone.add_name("db.shop_default", *parse_ipv4("10.89.0.2"));
  zone.add_reverse(*parse_ipv4("10.89.0.2"), "shop-db-1");
  zone.add_reverse(*parse_ipv4("10.89.0.2"), "too-late");
  Bytes six(16);
  six.front() = 0xfd;
  six.back() = 0x2a;
  zone.deny_name("db.Corp.example");
  zone.add_reverse6(six, "shop-db-1");
  zone.add_subnet(*parse_subnet("10.89.0.0/24"));
  return zone;
}

std::string answered(const Asked& asked, std::size_t turn = 0, Transport transport = Transport::kUdp) {
  const Bytes query = query_bytes(asked);
  const Verdict verdict = answer(query, shop(), transport, turn);
  if (const auto* reply = std::get_if<Reply>(&verdict)) {
    return describe_reply(reply->bytes, query);
  }
  return std::holds_alternative<Forward>(verdict) ? "forward" : "drop";
}

constexpr std::uint16_t kAaaa = 28;
constexpr std::uint16_t kMx = 15;
constexpr std::uint16_t kHttps = 65;
constexpr std::uint16_t kChaos = 3;

}  // namespace

TEST_CASE("names of the networks are answered with their addresses, in any case of letters") {
  CHECK(answered({.name = "db"}) == "NOERROR aa ra rd | 10.89.0.2");
  CHECK(answered({.name = "dB"}) == "NOERROR aa ra rd | 10.89.0.2");
  CHECK(answered({.name = "db.shop_default"}) == "NOERROR aa ra rd | 10.89.0.2");
  CHECK(answered({.name = "db", .type = kTypeAny}) == "NOERROR aa ra rd | 10.89.0.2");
  CHECK(answered({.name = "db", .edns_bytes = 1232}) == "NOERROR aa ra rd edns | 10.89.0.2");
}

TEST_CASE("several addresses take turns at being first") {
  CHECK(answered({.name = "web"}, 0) == "NOERROR aa ra rd | 10.89.0.3 10.89.0.4 10.89.0.5");
  CHECK(answered({.name = "web"}, 1) == "NOERROR aa ra rd | 10.89.0.4 10.89.0.5 10.89.0.3");
  CHECK(answered({.name = "web"}, 5) == "NOERROR aa ra rd | 10.89.0.5 10.89.0.3 10.89.0.4");
}

TEST_CASE("a known name has no other records, and nobody outside is asked for them") {
  for (const std::uint16_t type : {kAaaa, kMx, kHttps, kTypePtr}) {
    CAPTURE(type);
    CHECK(answered({.name = "db", .type = type}) == "NOERROR aa ra rd |");
  }
}

TEST_CASE("a name has IPv6 addresses beside its others, which are answered for AAAA only") {
  Zone zone;
  zone.add_name("db", *parse_ipv4("10.89.0.2"));
  zone.add_name6("DB", Bytes(16, 0xfd));
  const auto records = [&](std::uint16_t type) {
    const Verdict verdict = answer(query_bytes({.name = "db", .type = type}), zone, Transport::kUdp, 0);
    const auto* reply = std::get_if<Reply>(&verdict);
    return reply == nullptr ? -1 : reply->bytes[7];  // ANCOUNT
  };
  CHECK(records(kTypeA) == 1);
  CHECK(records(kAaaa) == 1);
  CHECK(records(kTypeAny) == 2);
  CHECK(records(kMx) == 0);
}

TEST_CASE("a hidden name is answered with nothing instead of being asked for outside") {
  Zone zone;
  zone.hide_name("db.Corp.example");
  const auto verdict_of = [&](const char* name) {
    return answer(query_bytes({.name = name}), zone, Transport::kUdp, 0);
  };
  const Verdict hidden = verdict_of("db.corp.example");
  REQUIRE(std::holds_alternative<Reply>(hidden));
  CHECK(std::get<Reply>(hidden).bytes[7] == 0);
  CHECK(std::holds_alternative<Forward>(verdict_of("www.corp.example")));
}

TEST_CASE("a name without a dot never leaves; other names are asked of the host's servers") {
  CHECK(answered({.name = "dbb"}) == "NXDOMAIN aa ra rd |");
  CHECK(answered({.name = "dbb", .type = kAaaa, .edns_bytes = 512}) == "NXDOMAIN aa ra rd edns |");
  CHECK(answered({.name = "db.example.org"}) == "forward");
  CHECK(answered({.name = "www.example.org", .type = kAaaa}) == "forward");
  CHECK(answered({.name = "", .type = 2}) == "forward");
}

TEST_CASE("addresses of our networks have the names of their containers") {
  CHECK(answered({.name = "2.0.89.10.in-addr.arpa", .type = kTypePtr}) == "NOERROR aa ra rd | shop-db-1.");
  CHECK(answered({.name = "2.0.89.10.IN-ADDR.ARPA", .type = kTypeAny}) == "NOERROR aa ra rd | shop-db-1.");
  CHECK(answered({.name = "2.0.89.10.in-addr.arpa", .type = kTypeA}) == "NOERROR aa ra rd |");
  CHECK(answered({.name = "9.0.89.10.in-addr.arpa", .type = kTypePtr}) == "NXDOMAIN aa ra rd |");
  CHECK(answered({.name = "9.9.9.9.in-addr.arpa", .type = kTypePtr}) == "forward");
  CHECK(answered({.name = "0.89.10.in-addr.arpa", .type = kTypePtr}) == "forward");
}

TEST_CASE("other classes than the internet's have nothing here") {
  CHECK(answered({.name = "db", .klass = kChaos}) == "REFUSED aa ra rd |");
  CHECK(answered({.name = "db", .klass = kClassAny}) == "NOERROR aa ra rd | 10.89.0.2");
  CHECK(answered({.name = "version.bind", .klass = kChaos}) == "forward");
}

TEST_CASE("a later EDNS version is refused as RFC 6891 says") {
  const Bytes query = query_bytes({.name = "db", .edns_bytes = 512, .edns_version = 1});
  const Verdict verdict = answer(query, shop(), Transport::kUdp, 0);
  REQUIRE(std::holds_alternative<Reply>(verdict));
  const Bytes& reply = std::get<Reply>(verdict).bytes;
  CHECK(describe_reply(reply, query) == "NOERROR aa ra rd edns |");
  CHECK(reply[reply.size() - 6] == 1);  // the upper bits of BADVERS, in the OPT record
}

TEST_CASE("a reply too long for UDP is cut and says so; over TCP it is whole") {
  Zone zone;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    zone.add_name("many", 0x0a590000 + i);
  }
  const Bytes query = query_bytes({.name = "many"});
  const auto reply_over = [&](Transport transport) { return std::get<Reply>(answer(query, zone, transport, 0)).bytes; };
  CHECK(reply_over(Transport::kUdp).size() <= 512);
  CHECK(describe_reply(reply_over(Transport::kUdp), query).starts_with("NOERROR aa ra rd tc | 10.89.0.1 10.89.0.2"));
  CHECK(describe_reply(reply_over(Transport::kTcp), query).ends_with(" 10.89.0.100"));
}

TEST_CASE("a query whose forwarding failed is told so") {
  const Bytes bytes = query_bytes({.name = "www.example.org"});
  Verdict verdict = answer(bytes, shop(), Transport::kUdp, 0);
  REQUIRE(std::holds_alternative<Forward>(verdict));
  CHECK(describe_reply(server_failure(std::get<Forward>(verdict).query), bytes) == "SERVFAIL aa ra rd |");
}

TEST_CASE("addresses of IPv6 have their names too, and unknown ones of ours have none") {
  std::string digits = "d.f.ip6.arpa";
  for (int i = 0; i < 28; ++i) {
    digits.insert(0, "0.");
  }
  CHECK(answered({.name = "a.2." + digits, .type = kTypePtr}) == "NOERROR aa ra rd | shop-db-1.");
  CHECK(answered({.name = "A.2." + digits, .type = kTypePtr}) == "NOERROR aa ra rd | shop-db-1.");
  CHECK(answered({.name = "a.2." + digits, .type = kTypeAaaa}) == "NOERROR aa ra rd |");
  CHECK(answered({.name = "b.2." + digits, .type = kTypePtr}) == "NXDOMAIN aa ra rd |");
  CHECK(!reverse_address6("a.2." + digits.substr(2)));
  CHECK(!reverse_address6("g.2." + digits));
}

TEST_CASE("with a search domain behind it a name of ours does not exist, and nobody outside hears of it") {
  CHECK(answered({.name = "db.corp.example"}) == "NXDOMAIN aa ra rd |");
  CHECK(answered({.name = "DB.corp.example", .type = kAaaa}) == "NXDOMAIN aa ra rd |");
}

TEST_CASE("reverse names are read as the addresses they stand for") {
  CHECK(reverse_address("2.0.89.10.in-addr.arpa") == *parse_ipv4("10.89.0.2"));
  for (const auto* name : {"", "in-addr.arpa", ".in-addr.arpa", "89.10.in-addr.arpa", "1.2.3.4.5.in-addr.arpa",
                           "256.0.89.10.in-addr.arpa", "2.0.89.10.ip6.arpa"}) {
    CAPTURE(name);
    CHECK(!reverse_address(name));
  }
}

}  // namespace cmp::net::dns::testing
