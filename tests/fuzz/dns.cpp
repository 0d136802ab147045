// usage: fuzz_dns SECONDS SEED: gives damaged messages to everything that reads what a container or a name server has
// sent, until the time is over. What it checks beyond not crashing: a reply is no longer than what was asked for, and
// its question is the query's.

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include <fmt/core.h>

#include "base/units.hpp"
#include "fuzz/mutator.hpp"
#include "net/dns_cache.hpp"
#include "net/dns_zone.hpp"

namespace {

using namespace cmp::net::dns;

/// Header and question of a query, and records behind it, in short and in long.
std::vector<std::string> messages() {
  const std::string header("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12);
  const std::string edns_header("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01", 12);
  const std::string reply_header("\x12\x34\x81\x80\x00\x01\x00\x02\x00\x01\x00\x00", 12);
  const std::string web("\3web\0\0\1\0\1", 9);
  const std::string outside("\3www\7example\3org\0\0\x1c\0\1", 21);
  const std::string reverse("\0012\0010\00289\00210\7in-addr\4arpa\0\0\x0c\0\1", 29);
  const std::string opt("\0\0\x29\x10\0\0\0\0\0\0\0", 11);
  const std::string record("\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x0a\0\0\1", 16);
  const std::string soa("\0\0\6\0\1\0\0\x0e\x10\0\x16\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 33);
  return {header + web, header + outside, header + reverse, edns_header + web + opt,
          reply_header + web + record + record + soa};
}

Zone zone() {
  Zone zone;
  for (std::uint32_t i = 0; i < 300; ++i) {
    zone.add_name("web", 0x0a590002U + i);
  }
  zone.add_name6("web", Bytes(16, 0xfd));
  zone.add_subnet({0x0a590000, 24});
  return zone;
}

[[noreturn]] void fail(const char* why, const std::string& text) {
  std::cout << "not ok fuzz dns: " << why << ":";
  for (const char c : text) {
    std::cout << fmt::format(" {:02x}", static_cast<unsigned char>(c));
  }
  std::cout << std::endl;
  std::exit(1);
}

void check_reply(const std::string& text, const Bytes& message, const Bytes& reply) {
  const auto parsed = parse_query(message);
  const auto* query = std::get_if<Query>(&parsed);
  if (query != nullptr && (reply.size() > query->udp_limit || !is_reply_to(reply, *query))) {
    fail(reply.size() > query->udp_limit ? "a reply too long" : "a reply to something else", text);
  }
}

void try_one(const std::string& text, const Zone& zone, Cache& cache) {
  const Bytes message(text.begin(), text.end());
  const Verdict verdict = answer(message, zone, Transport::kUdp, text.size());
  if (const auto* reply = std::get_if<Reply>(&verdict)) {
    check_reply(text, message, reply->bytes);
  }
  const auto life = lifetime_of(message);
  if (life && (life->ttl_offsets.empty() || life->ttl_offsets.back() + 4 > message.size())) {
    fail("a time outside of the message", text);
  }
  if (const auto* forward = std::get_if<Forward>(&verdict)) {
    const std::string key = Cache::key_of(message, forward->query, "");
    Bytes reply =
        make_reply(forward->query, Rcode::kNoError, {{.type = kTypeA, .ttl_s = 9, .data = {1, 2, 3, 4}}}, 512);
    cache.put(key, reply, {});
    static_cast<void>(cache.find(key, forward->query, {}));
  }
}

}  // namespace

int main(int count, char** arguments) {
  const int seconds = count > 1 ? std::atoi(arguments[1]) : 1;
  const int seed = count > 2 ? std::atoi(arguments[2]) : 1;
  cmp::fuzz::Mutator mutator(static_cast<unsigned>(seed), messages());
  const Zone names = zone();
  Cache cache(64);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::size_t tried = 0;
  for (const std::string& text : messages()) {
    try_one(text, names, cache);
  }
  while (std::chrono::steady_clock::now() < end) {
    try_one(mutator.next(), names, cache);
    ++tried;
  }
  std::cout << fmt::format("ok fuzz dns: {} messages\n", tried);
  return 0;
}
