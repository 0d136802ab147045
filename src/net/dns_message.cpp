#include "net/dns_message.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace cmp::net::dns {

namespace {

constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 255;  // on the wire, lengths and the final zero included
constexpr std::size_t kPlainUdpBytes = 512;
constexpr std::size_t kLargestUdpBytes = 4096;
constexpr std::uint16_t kReplyFlag = 0x8000;
constexpr std::uint16_t kOpcodeMask = 0x7800;
constexpr std::uint16_t kAuthoritativeFlag = 0x0400;
constexpr std::uint16_t kTruncatedFlag = 0x0200;
constexpr std::uint16_t kRecursionDesiredFlag = 0x0100;
constexpr std::uint16_t kRecursionAvailableFlag = 0x0080;
constexpr std::uint16_t kQuestionName = 0xc00c;  // a pointer to offset 12

/// Reads forward through a message; every read past the end fails, and so do all after it.
class Reader {
 public:
  Reader(BytesView bytes, std::size_t position) : bytes_(bytes), position_(position) {}

  [[nodiscard]] bool failed() const { return failed_; }

  [[nodiscard]] std::size_t position() const { return position_; }

  BytesView take(std::size_t count) {
    if (failed_ || bytes_.size() - position_ < count) {
      failed_ = true;
      return {};
    }
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }

  std::uint8_t u8() {
    const BytesView bytes = take(1);
    return bytes.empty() ? std::uint8_t{0} : bytes[0];
  }

  std::uint16_t u16() {
    const unsigned high = u8();
    return static_cast<std::uint16_t>(high << 8U | u8());
  }

  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16U | u16();
  }

  void fail() { failed_ = true; }

 private:
  BytesView bytes_;
  std::size_t position_ = 0;
  bool failed_ = false;
};

void append_label(std::string& name, BytesView label) {
  if (!name.empty()) {
    name += '.';
  }
  for (const std::uint8_t byte : label) {
    const bool upper = byte >= 'A' && byte <= 'Z';
    if (upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-' || byte == '_') {
      name += static_cast<char>(upper ? byte + 32 : byte);
    } else {
      name += fmt::format("\\{:03}", byte);
    }
  }
}

/// The name of the question. It stands first, so there is nothing yet that a compression pointer could point to.
std::string read_question_name(Reader& reader) {
  std::string name;
  const std::size_t start = reader.position();
  while (!reader.failed()) {
    const std::size_t length = reader.u8();
    if (length == 0) {
      break;
    }
    if (length > kLongestLabel) {
      reader.fail();
      break;
    }
    append_label(name, reader.take(length));
  }
  if (reader.position() - start > kLongestName) {
    reader.fail();
  }
  return name;
}

/// Passes over the owner name of a record. A compression pointer ends it and need not be followed.
void skip_name(Reader& reader) {
  while (!reader.failed()) {
    const std::size_t length = reader.u8();
    if (length == 0) {
      return;
    }
    if (length > kLongestLabel) {
      constexpr std::size_t kPointer = 0xc0;
      if (length < kPointer) {
        reader.fail();
      }
      reader.take(1);
      return;
    }
    reader.take(length);
  }
}

/// Passes over a record; notes what an OPT record says.
void read_record(Reader& reader, Query& query) {
  skip_name(reader);
  const std::uint16_t type = reader.u16();
  const std::uint16_t klass = reader.u16();
  reader.u8();  // upper bits of the response code
  const std::uint8_t version = reader.u8();
  reader.u16();
  reader.take(reader.u16());
  if (type == kTypeOpt && !reader.failed()) {
    query.has_edns = true;
    query.edns_version = version;
    query.udp_limit = std::clamp<std::size_t>(klass, kPlainUdpBytes, kLargestUdpBytes);
  }
}

/// A record of a reply: its time to live, and for how long an SOA lets emptiness be remembered.
struct Timed {
  std::uint16_t type = 0;
  std::uint32_t ttl_s = 0;
  std::size_t ttl_offset = 0;
  std::uint32_t negative_s = 0;
  bool has_data = false;
};

Timed read_timed(Reader& reader) {
  Timed record;
  skip_name(reader);
  record.type = reader.u16();
  reader.u16();
  record.ttl_offset = reader.position();
  record.ttl_s = reader.u32();
  const BytesView data = reader.take(reader.u16());
  record.has_data = !data.empty();
  constexpr std::size_t kMinimumBytes = 4;  // the last field of an SOA
  if (record.type == kTypeSoa && data.size() >= kMinimumBytes) {
    record.negative_s = Reader(data, data.size() - kMinimumBytes).u32();
  }
  return record;
}

void put_u16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

void put_u32(Bytes& out, std::uint32_t value) {
  put_u16(out, value >> 16U);
  put_u16(out, value & 0xffffU);
}

void put_record(Bytes& out, const Record& record) {
  put_u16(out, kQuestionName);
  put_u16(out, record.type);
  put_u16(out, kClassIn);
  put_u32(out, record.ttl_s);
  put_u16(out, static_cast<unsigned>(record.data.size()));
  out.insert(out.end(), record.data.begin(), record.data.end());
}

std::size_t wire_size(const Record& record) {
  return 12 + record.data.size();
}

void put_opt(Bytes& out, Rcode rcode) {
  out.push_back(0);  // the root
  put_u16(out, kTypeOpt);
  put_u16(out, kLargestUdpBytes);
  put_u32(out, static_cast<std::uint32_t>(rcode) >> 4U << 24U);
  put_u16(out, 0);
}

constexpr std::size_t kOptBytes = 11;

void put_header(Bytes& out, std::uint16_t id, unsigned flags, const std::array<std::size_t, 4>& counts) {
  put_u16(out, id);
  put_u16(out, flags);
  for (const std::size_t count : counts) {
    put_u16(out, static_cast<unsigned>(count));
  }
}

unsigned reply_flags(std::uint16_t query_flags, Rcode rcode) {
  return kReplyFlag | (query_flags & (kOpcodeMask | kRecursionDesiredFlag)) | kRecursionAvailableFlag |
         (static_cast<unsigned>(rcode) & 0xfU);
}

}  // namespace

std::variant<Query, Malformed, Unanswerable> parse_query(BytesView message) {
  Reader reader(message, 0);
  Query query;
  query.id = reader.u16();
  query.flags = reader.u16();
  const std::uint16_t questions = reader.u16();
  const unsigned records = static_cast<unsigned>(reader.u16()) + reader.u16() + reader.u16();
  if (reader.failed() || (query.flags & kReplyFlag) != 0) {
    return Unanswerable{};
  }
  if ((query.flags & kOpcodeMask) != 0) {
    return Malformed{query.id, query.flags, Rcode::kNotImplemented};
  }
  query.name = read_question_name(reader);
  query.type = reader.u16();
  query.klass = reader.u16();
  const std::size_t end_of_question = reader.position();
  for (unsigned i = 0; i < records && !reader.failed(); ++i) {
    read_record(reader, query);
  }
  if (questions != 1 || reader.failed()) {
    return Malformed{query.id, query.flags, Rcode::kFormatError};
  }
  const BytesView question = message.subspan(kHeaderBytes, end_of_question - kHeaderBytes);
  query.question.assign(question.begin(), question.end());
  return query;
}

Bytes make_reply(const Query& query, Rcode rcode, const std::vector<Record>& answers, std::size_t limit) {
  std::size_t size = kHeaderBytes + query.question.size() + (query.has_edns ? kOptBytes : 0);
  std::size_t fitting = 0;
  while (fitting < answers.size() && size + wire_size(answers[fitting]) <= limit) {
    size += wire_size(answers[fitting]);
    ++fitting;
  }
  Bytes out;
  out.reserve(size);
  const unsigned cut = fitting < answers.size() ? kTruncatedFlag : 0U;
  put_header(out, query.id, reply_flags(query.flags, rcode) | kAuthoritativeFlag | cut,
             {1, fitting, 0, query.has_edns ? 1U : 0U});
  out.insert(out.end(), query.question.begin(), query.question.end());
  for (std::size_t i = 0; i < fitting; ++i) {
    put_record(out, answers[i]);
  }
  if (query.has_edns) {
    put_opt(out, rcode);
  }
  return out;
}

Bytes make_reply(const Malformed& query) {
  Bytes out;
  put_header(out, query.id, reply_flags(query.flags, query.rcode), {0, 0, 0, 0});
  return out;
}

Bytes address_data(std::uint32_t address) {
  Bytes out;
  put_u32(out, address);
  return out;
}

Bytes name_data(const std::string& name) {
  Bytes out;
  for (std::size_t start = 0; start < name.size();) {
    const std::size_t dot = std::min(name.find('.', start), name.size());
    const std::size_t length = std::min(dot - start, kLongestLabel);
    if (length > 0 && out.size() + length + 2 <= kLongestName) {
      out.push_back(static_cast<std::uint8_t>(length));
      out.insert(out.end(), name.begin() + static_cast<std::ptrdiff_t>(start),
                 name.begin() + static_cast<std::ptrdiff_t>(start + length));
    }
    start = dot + 1;
  }
  out.push_back(0);
  return out;
}

std::optional<std::uint16_t> message_id(BytesView message) {
  Reader reader(message, 0);
  const std::uint16_t id = reader.u16();
  return reader.failed() ? std::nullopt : std::optional(id);
}

void set_message_id(Bytes& message, std::uint16_t id) {
  if (message.size() >= 2) {
    message[0] = static_cast<std::uint8_t>(id >> 8U);
    message[1] = static_cast<std::uint8_t>(id & 0xffU);
  }
}

std::optional<Lifetime> lifetime_of(BytesView reply) {
  Reader reader(reply, 0);
  reader.u16();
  const std::uint16_t flags = reader.u16();
  const unsigned rcode = flags & 0xfU;
  const std::uint16_t questions = reader.u16();
  const std::uint16_t answers = reader.u16();
  const unsigned others = static_cast<unsigned>(reader.u16()) + reader.u16();
  const bool named = rcode == static_cast<unsigned>(Rcode::kNoError);
  if (questions != 1 || (flags & kTruncatedFlag) != 0 ||
      (!named && rcode != static_cast<unsigned>(Rcode::kNameError))) {
    return std::nullopt;
  }
  skip_name(reader);
  reader.u32();
  Lifetime life{.seconds = UINT32_MAX, .ttl_offsets = {}};
  bool known = answers > 0 && named;
  for (unsigned i = 0; i < answers + others && !reader.failed(); ++i) {
    const Timed record = read_timed(reader);
    if (record.type == kTypeOpt) {
      // What stands there is no time. An option is for who has asked, as a cookie (RFC 7873).
      known = known && !record.has_data;
      continue;
    }
    life.ttl_offsets.push_back(record.ttl_offset);
    life.seconds = std::min(life.seconds, record.ttl_s);
    if (record.type == kTypeSoa && i >= answers && (answers == 0 || !named)) {
      life.seconds = std::min(life.seconds, record.negative_s);
      known = true;
    }
  }
  return reader.failed() || !known || life.seconds == 0 ? std::nullopt : std::optional(std::move(life));
}

bool is_reply_to(BytesView reply, const Query& query) {
  Reader reader(reply, 0);
  reader.u16();
  const std::uint16_t flags = reader.u16();
  const std::uint16_t questions = reader.u16();
  reader.take(6);
  const std::string name = read_question_name(reader);
  const std::uint16_t type = reader.u16();
  const std::uint16_t klass = reader.u16();
  return !reader.failed() && (flags & kReplyFlag) != 0 && questions == 1 && name == query.name && type == query.type &&
         klass == query.klass;
}

}  // namespace cmp::net::dns
