#include "net/dns_cache.hpp"

#include <chrono>

#include <doctest/doctest.h>

#include "unit/net/dns_wire.hpp"

namespace cmp::net::dns::testing {

namespace {

using std::chrono::seconds;

Query parsed(const Bytes& bytes) {
  return std::get<Query>(parse_query(bytes));
}

/// An upstream's answer: as make_reply writes it, with one time to live.
Bytes answered(const Bytes& query, std::uint32_t ttl_s) {
  return make_reply(parsed(query), Rcode::kNoError,
                    {{.type = kTypeA, .ttl_s = ttl_s, .data = address_data(0x0a000001)}}, 512);
}

/// "No such name", with an SOA that lets it be remembered for `minimum` seconds.
Bytes denied(const Bytes& query, std::uint8_t minimum) {
  Bytes reply = make_reply(parsed(query), Rcode::kNameError, {}, 512);
  reply[9] = 1;  // one record of authority
  const Bytes soa = {0, 0, 6, 0, 1, 0, 0, 14, 16, 0, 22, 0, 0, 0, 0, 0,      1,
                     0, 0, 0, 2, 0, 0, 0, 3,  0,  0, 0,  4, 0, 0, 0, minimum};
  reply.insert(reply.end(), soa.begin(), soa.end());
  return reply;
}

std::uint32_t ttl_of(const Bytes& reply) {
  const auto life = lifetime_of(reply);
  return life ? life->seconds : 0;
}

struct Fixture {
  Bytes query = query_bytes({.name = "www.example.org"});
  std::string key = Cache::key_of(query, parsed(query), "udp");
  MonotonicTime start{};
  Cache cache;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "an answer is given again until its time is over, counted down") {
  CHECK_FALSE(cache.find(key, parsed(query), start));
  cache.put(key, answered(query, 60), start);
  const auto later = cache.find(key, parsed(query), start + seconds(25));
  REQUIRE(later);
  CHECK(ttl_of(*later) == 35);
  CHECK_FALSE(cache.find(key, parsed(query), start + seconds(60)));
  CHECK(cache.size() == 0);
}

TEST_CASE_FIXTURE(Fixture, "it has the id and the letters of who asks now") {
  cache.put(key, answered(query, 60), start);
  Bytes again = query_bytes({.name = "WWW.example.ORG"});
  again[0] = 0x77;
  CHECK(Cache::key_of(again, parsed(again), "udp") == key);
  auto found = cache.find(key, parsed(again), start);
  REQUIRE(found);
  CHECK(message_id(*found) == 0x7734);
  set_message_id(*found, 0x1234);
  CHECK(describe_reply(*found, again) == "NOERROR aa ra rd | 10.0.0.1");
}

TEST_CASE_FIXTURE(Fixture, "another type, size, way or server is another question") {
  const auto key_for = [](const Asked& asked, const char* scope) {
    const Bytes bytes = query_bytes(asked);
    return Cache::key_of(bytes, parsed(bytes), scope);
  };
  CHECK(key_for({.name = "www.example.org", .type = kTypeAaaa}, "udp") != key);
  CHECK(key_for({.name = "www.example.org", .edns_bytes = 1232}, "udp") != key);
  CHECK(key_for({.name = "www.example.org"}, "tcp") != key);
  CHECK(key_for({.name = "www.example.org"}, "udp") == key);
}

TEST_CASE("a cookie does not make another question, another option does, and what has one is not kept") {
  const Bytes plain = query_bytes({.name = "www.example.org", .edns_bytes = 1232});
  const auto with_option = [&](std::uint8_t code, std::uint8_t value) {
    Bytes query = plain;
    query.back() = 5;
    query.insert(query.end(), {0, code, 0, 1, value});
    return query;
  };
  const auto key = [](const Bytes& query) { return Cache::key_of(query, parsed(query), ""); };
  CHECK(key(with_option(10, 1)) == key(with_option(10, 2)));
  CHECK(key(with_option(8, 1)) != key(with_option(8, 2)));
  Bytes reply = answered(plain, 60);
  CHECK(lifetime_of(reply));
  reply.back() = 5;
  reply.insert(reply.end(), {0, 10, 0, 1, 7});
  CHECK_FALSE(lifetime_of(reply));
}

TEST_CASE_FIXTURE(Fixture, "that a name does not exist is remembered for as long as its zone says") {
  cache.put(key, denied(query, 9), start);
  CHECK(cache.find(key, parsed(query), start + seconds(8)));
  CHECK_FALSE(cache.find(key, parsed(query), start + seconds(9)));
}

TEST_CASE_FIXTURE(Fixture, "what is cut, failed, damaged or without a time is not kept") {
  Bytes cut = answered(query, 60);
  cut[2] |= 0x02;
  Bytes short_one = answered(query, 60);
  short_one.pop_back();
  for (const Bytes& reply : {cut, short_one, make_reply(parsed(query), Rcode::kServerFailure, {}, 512),
                             make_reply(parsed(query), Rcode::kNoError, {}, 512), answered(query, 0), Bytes()}) {
    cache.put(key, reply, start);
    CHECK(cache.size() == 0);
  }
}

TEST_CASE("a full cache gives up what ends first") {
  Cache cache(2);
  const MonotonicTime start{};
  const auto add = [&](const char* name, std::uint32_t ttl_s) {
    const Bytes query = query_bytes({.name = name});
    cache.put(Cache::key_of(query, parsed(query), ""), answered(query, ttl_s), start);
  };
  const auto has = [&](const char* name) {
    const Bytes query = query_bytes({.name = name});
    return cache.find(Cache::key_of(query, parsed(query), ""), parsed(query), start).has_value();
  };
  add("a.example", 100);
  add("b.example", 10);
  add("c.example", 50);
  CHECK(cache.size() == 2);
  CHECK(has("a.example"));
  CHECK_FALSE(has("b.example"));
  CHECK(has("c.example"));
}

}  // namespace cmp::net::dns::testing
