#include <random>

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "net/dns_zone.hpp"
#include "unit/net/dns_wire.hpp"

namespace cmp::net::dns::testing {

namespace {

/// One word for what became of the bytes: the query's name and type, "malformed RCODE" or "unanswerable".
std::string parsed(const Bytes& message) {
  const auto result = parse_query(message);
  if (const auto* query = std::get_if<Query>(&result)) {
    return fmt::format("'{}' {} {}", query->name, query->type, query->udp_limit);
  }
  if (const auto* malformed = std::get_if<Malformed>(&result)) {
    return fmt::format("malformed {}", static_cast<int>(malformed->rcode));
  }
  return "unanswerable";
}

Bytes with_question(std::initializer_list<std::uint8_t> question) {
  Bytes out{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
  out.insert(out.end(), question);
  return out;
}

}  // namespace

TEST_CASE("a query is read: name in lower case, type, how much UDP may carry") {
  CHECK(parsed(query_bytes({.name = "DB.Example.org"})) == "'db.example.org' 1 512");
  CHECK(parsed(query_bytes({.name = "", .type = 2})) == "'' 2 512");
  CHECK(parsed(query_bytes({.name = "db", .type = 28, .edns_bytes = 1232})) == "'db' 28 1232");
  CHECK(parsed(query_bytes({.name = "db", .edns_bytes = 0})) == "'db' 1 512");
  CHECK(parsed(query_bytes({.name = "db", .edns_bytes = 65535})) == "'db' 1 4096");
}

TEST_CASE("bytes that no host name has cannot pass for dots") {
  CHECK(parsed(with_question({3, 'a', '.', 'b', 0, 0, 1, 0, 1})) == "'a\\046b' 1 512");
}

TEST_CASE("what is no query is dropped, what is a bad one is told so") {
  CHECK(parsed({}) == "unanswerable");
  CHECK(parsed({1, 2, 3}) == "unanswerable");
  Bytes reply = query_bytes({.name = "db"});
  reply[2] |= 0x80;
  CHECK(parsed(reply) == "unanswerable");
  Bytes update = query_bytes({.name = "db"});
  update[2] |= 5U << 3U;
  CHECK(parsed(update) == "malformed 4");
  Bytes two_questions = query_bytes({.name = "db"});
  two_questions[5] = 2;
  CHECK(parsed(two_questions) == "malformed 1");
  Bytes no_question = query_bytes({.name = "db"});
  no_question[5] = 0;
  CHECK(parsed(no_question) == "malformed 1");
  CHECK(parsed(with_question({})) == "malformed 1");
  CHECK(parsed(with_question({2, 'd', 'b', 0, 0, 1, 0})) == "malformed 1");
}

TEST_CASE("a compression pointer in the question, a loop above all, is malformed") {
  CHECK(parsed(with_question({0xc0, 12, 0, 1, 0, 1})) == "malformed 1");
  CHECK(parsed(with_question({2, 'd', 'b', 0xc0, 12, 0, 1, 0, 1})) == "malformed 1");
  CHECK(parsed(with_question({0x80, 0, 0, 1, 0, 1})) == "malformed 1");
}

TEST_CASE("names end at 255 bytes") {
  const auto of_labels = [](std::size_t count) {
    Bytes out{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0};
    for (std::size_t i = 0; i < count; ++i) {
      out.insert(out.end(), {1, 'a'});
    }
    out.insert(out.end(), {0, 0, 1, 0, 1});
    return out;
  };
  CHECK(parsed(of_labels(127)).ends_with(" 1 512"));
  CHECK(parsed(of_labels(128)) == "malformed 1");
}

TEST_CASE("records after the question may have compressed owners; cut ones are malformed") {
  Bytes query = query_bytes({.name = "db"});
  query[11] = 1;
  query.insert(query.end(), {0xc0, 12, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0});
  CHECK(parsed(query) == "'db' 1 1232");
  for (std::size_t size = query.size() - 1; size >= 12; --size) {
    CAPTURE(size);
    query.resize(size);
    CHECK(parsed(query) == "malformed 1");
  }
}

TEST_CASE("the reply to a malformed query is a header with its id and the code") {
  const Bytes reply = make_reply(Malformed{0x1234, 0x0100, Rcode::kFormatError});
  CHECK(reply == Bytes{0x12, 0x34, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0});
}

TEST_CASE("ids are read and replaced") {
  Bytes message{0x12, 0x34, 0};
  set_message_id(message, 0xabcd);
  CHECK(message_id(message) == 0xabcd);
  Bytes tiny{7};
  set_message_id(tiny, 1);
  CHECK(tiny == Bytes{7});
  CHECK(!message_id(tiny));
}

TEST_CASE("a reply belongs to a query when its question is the same") {
  const Bytes bytes = query_bytes({.name = "example.org"});
  const Query query = std::get<Query>(parse_query(bytes));
  Bytes reply = query_bytes({.name = "EXAMPLE.org"});
  CHECK(!is_reply_to(reply, query));
  reply[2] |= 0x80;
  CHECK(is_reply_to(reply, query));
  Bytes other = query_bytes({.name = "example.org", .type = 28});
  other[2] |= 0x80;
  CHECK(!is_reply_to(other, query));
  CHECK(!is_reply_to(Bytes(11), query));
}

TEST_CASE("mutated packets are survived, and every answer to one can be sent") {
  Zone zone;
  zone.add_name("db", 0x0a590002);
  zone.add_reverse(0x0a590002, "shop-db-1");
  zone.add_subnet({0x0a590000, 24});
  const std::vector<Bytes> seeds{query_bytes({.name = "db", .edns_bytes = 1232}),
                                 query_bytes({.name = "2.0.89.10.in-addr.arpa", .type = kTypePtr}),
                                 query_bytes({.name = "www.example.org", .type = 28})};
  std::mt19937 random(20240607);  // NOLINT(cert-msc51-cpp): the same packets each time
  for (int round = 0; round < 60000; ++round) {
    Bytes packet = seeds[random() % seeds.size()];
    for (auto changes = random() % 5; changes > 0; --changes) {
      packet[random() % packet.size()] = static_cast<std::uint8_t>(random());
    }
    packet.resize(random() % 4 == 0 ? random() % (packet.size() + 8) : packet.size());
    const Verdict verdict = answer(packet, zone, Transport::kUdp, random());
    if (const auto* reply = std::get_if<Reply>(&verdict)) {
      REQUIRE(reply->bytes.size() >= 12);
      REQUIRE(reply->bytes.size() <= 4096);
      REQUIRE((reply->bytes[2] & 0x80U) != 0);
      REQUIRE(message_id(reply->bytes) == message_id(packet));
    }
  }
}

}  // namespace cmp::net::dns::testing
