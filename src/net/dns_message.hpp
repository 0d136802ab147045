#pragma once
// The wire form of DNS (RFC 1035; EDNS: RFC 6891): reading queries of containers, which may hold anything, and writing
// replies. Pure; knows no name. Replies from upstream are passed on as bytes; of their records only the times are read.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace cmp::net::dns {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;

inline constexpr std::uint16_t kTypeA = 1;
inline constexpr std::uint16_t kTypeSoa = 6;
inline constexpr std::uint16_t kTypePtr = 12;
inline constexpr std::uint16_t kTypeAaaa = 28;
inline constexpr std::uint16_t kTypeOpt = 41;
inline constexpr std::uint16_t kTypeAny = 255;
inline constexpr std::uint16_t kClassIn = 1;
inline constexpr std::uint16_t kClassAny = 255;

/// Response codes (RFC 1035 section 4.1.1; BADVERS: RFC 6891).
enum class Rcode : std::uint16_t {
  kNoError = 0,
  kFormatError = 1,
  kServerFailure = 2,
  kNameError = 3,  ///< NXDOMAIN
  kNotImplemented = 4,
  kRefused = 5,
  kBadVersion = 16,
};

/// The header and the question of a query, enough to reply to it.
struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;  ///< the header's second word as received
  std::string name;         ///< lower case, without the last dot; "" is the root; bytes no host name has as \DDD
  std::uint16_t type = 0;
  std::uint16_t klass = 0;
  Bytes question;  ///< the question section as received: resolvers compare its letters' case
  bool has_edns = false;
  std::uint8_t edns_version = 0;
  std::size_t udp_limit = 512;  ///< the largest reply the asker takes over UDP, 512…4096
};

/// Not a query that can be replied to: too short for a header, or itself a reply. To be dropped.
struct Unanswerable {};

/// A query with a readable header and something wrong after it.
struct Malformed {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  Rcode rcode = Rcode::kFormatError;
};

[[nodiscard]] std::variant<Query, Malformed, Unanswerable> parse_query(BytesView message);

/// A record of an answer; its owner is the name of the question.
struct Record {
  std::uint16_t type = 0;
  std::uint32_t ttl_s = 0;
  Bytes data;
};

/// The reply to a query. Records that would make it longer than `limit` are left out and the TC flag is set.
[[nodiscard]] Bytes make_reply(const Query& query, Rcode rcode, const std::vector<Record>& answers, std::size_t limit);
[[nodiscard]] Bytes make_reply(const Malformed& query);

/// The data of an A and of a PTR record. `name` is dotted, of labels of at most 63 bytes (longer ones are cut).
[[nodiscard]] Bytes address_data(std::uint32_t address);
[[nodiscard]] Bytes name_data(const std::string& name);

/// The id of a message, which is its first two bytes; nothing when there are no two.
[[nodiscard]] std::optional<std::uint16_t> message_id(BytesView message);
/// Puts another id into a message: a relay has its own towards upstream. Messages too short stay as they are.
void set_message_id(Bytes& message, std::uint16_t id);
/// Whether `reply` is a reply to `query`: same question, letters' case aside, and the reply flag set. The ids are the
/// caller's to compare.
[[nodiscard]] bool is_reply_to(BytesView reply, const Query& query);

/// For how long a reply may be given again, and where in it the times stand that count down meanwhile.
struct Lifetime {
  std::uint32_t seconds = 0;
  std::vector<std::size_t> ttl_offsets;
};

/// That of an upstream's reply: its shortest time to live; of an empty one what the zone says of those (RFC 2308).
/// Nothing when it must not be given again: cut, failed, without any time, or damaged.
[[nodiscard]] std::optional<Lifetime> lifetime_of(BytesView reply);

}  // namespace cmp::net::dns
