#include "net/dns_cache.hpp"

#include <algorithm>
#include <chrono>

namespace cmp::net::dns {

namespace {

constexpr std::size_t kHeaderLength = 12;
constexpr std::uint32_t kLongestSeconds = 3600;
constexpr std::size_t kLargestReply = 8192;

std::uint32_t read_number(const Bytes& bytes, std::size_t at) {
  return static_cast<std::uint32_t>(bytes[at]) << 24U | static_cast<std::uint32_t>(bytes[at + 1]) << 16U |
         static_cast<std::uint32_t>(bytes[at + 2]) << 8U | bytes[at + 3];
}

void write_number(Bytes& bytes, std::size_t at, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    bytes[at + i] = static_cast<std::uint8_t>(value >> (24U - 8U * i));
  }
}

/// The bytes behind the question without cookies (RFC 7873), which are another's each time. Other options count.
BytesView without_cookies(BytesView rest) {
  constexpr std::size_t kOptBytes = 11;
  constexpr std::size_t kLengthAt = 9;
  constexpr std::size_t kOptionHeader = 4;
  constexpr unsigned kCookie = 10;
  if (rest.size() < kOptBytes || rest[0] != 0 || rest[1] != 0 || rest[2] != kTypeOpt) {
    return rest;
  }
  std::size_t at = kOptBytes;
  while (at + kOptionHeader <= rest.size()) {
    if (rest[at] != 0 || rest[at + 1] != kCookie) {
      return rest;
    }
    at += kOptionHeader + (static_cast<std::size_t>(rest[at + 2]) << 8U | rest[at + 3]);
  }
  return at == rest.size() ? rest.first(kLengthAt) : rest;
}

}  // namespace

std::string Cache::key_of(BytesView message, const Query& query, const std::string& scope) {
  const std::size_t end = kHeaderLength + query.question.size();
  std::string key = scope;
  key += '\n';
  key += query.name;
  key += '\n';
  // The header without the id, type and class, and what comes after the question.
  key.append(message.begin() + 2, message.begin() + kHeaderLength);
  key.append(message.begin() + static_cast<std::ptrdiff_t>(end - 4),
             message.begin() + static_cast<std::ptrdiff_t>(end));
  const BytesView rest = without_cookies(message.subspan(end));
  key.append(rest.begin(), rest.end());
  return key;
}

std::optional<Bytes> Cache::find(const std::string& key, const Query& query, MonotonicTime now) {
  const auto found = kept_.find(key);
  if (found == kept_.end()) {
    return std::nullopt;
  }
  const Kept& kept = found->second;
  if (now >= kept.until) {
    kept_.erase(found);
    return std::nullopt;
  }
  Bytes reply = kept.reply;
  const auto age =
      static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(now - kept.since).count());
  for (const std::size_t at : kept.life.ttl_offsets) {
    const std::uint32_t ttl = read_number(reply, at);
    write_number(reply, at, ttl > age ? ttl - age : 0);
  }
  set_message_id(reply, query.id);
  // Resolvers compare the case of its letters.
  std::ranges::copy(query.question, reply.begin() + kHeaderLength);
  return reply;
}

void Cache::put(const std::string& key, BytesView reply, MonotonicTime now) {
  auto life = lifetime_of(reply);
  if (!life || reply.size() > kLargestReply) {
    return;
  }
  make_room(now);
  const auto until = now + std::chrono::seconds(std::min(life->seconds, kLongestSeconds));
  kept_[key] = {.reply = Bytes(reply.begin(), reply.end()), .life = *std::move(life), .since = now, .until = until};
}

void Cache::make_room(MonotonicTime now) {
  if (kept_.size() < most_) {
    return;
  }
  std::erase_if(kept_, [&](const auto& entry) { return now >= entry.second.until; });
  if (kept_.size() >= most_) {
    kept_.erase(std::ranges::min_element(kept_, {}, [](const auto& entry) { return entry.second.until; }));
  }
}

}  // namespace cmp::net::dns
