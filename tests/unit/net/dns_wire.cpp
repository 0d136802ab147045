#include "unit/net/dns_wire.hpp"

#include <fmt/core.h>

#include "net/net.hpp"

namespace cmp::net::dns::testing {

namespace {

void put16(Bytes& out, unsigned value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 255U));
}

unsigned get16(const Bytes& bytes, std::size_t at) {
  return at + 1 < bytes.size() ? static_cast<unsigned>(bytes[at] << 8U | bytes[at + 1]) : 0;
}

std::string rcode_name(unsigned rcode) {
  static const std::vector<std::string> kNames{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  return rcode < kNames.size() ? kNames[rcode] : fmt::format("RCODE{}", rcode);
}

std::string flag_names(unsigned flags) {
  std::string out;
  for (const auto& [bit, name] : {std::pair{0x0400U, " aa"}, {0x0080U, " ra"}, {0x0100U, " rd"}, {0x0200U, " tc"}}) {
    out += (flags & bit) != 0 ? name : "";
  }
  return out;
}

std::string data_text(const Bytes& reply, std::size_t at, unsigned type) {
  if (type == kTypeA) {
    return format_ipv4(get16(reply, at) << 16U | get16(reply, at + 2));
  }
  std::string name;
  while (at < reply.size() && reply[at] != 0) {
    const auto* start = reinterpret_cast<const char*>(reply.data()) + at + 1;
    name += std::string(start, reply[at]) + '.';
    at += reply[at] + 1U;
  }
  return name;
}

}  // namespace

Bytes query_bytes(const Asked& asked) {
  Bytes out{0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(asked.edns_bytes < 0 ? 0 : 1)};
  const Bytes name = name_data(asked.name);
  out.insert(out.end(), name.begin(), name.end());
  put16(out, asked.type);
  put16(out, asked.klass);
  if (asked.edns_bytes >= 0) {
    out.push_back(0);
    put16(out, kTypeOpt);
    put16(out, static_cast<unsigned>(asked.edns_bytes));
    out.insert(out.end(), {0, asked.edns_version, 0, 0, 0, 0});
  }
  return out;
}

std::string describe_reply(const Bytes& reply, const Bytes& query) {
  const std::size_t question = query.size() - 12 - (query[11] == 1 ? 11U : 0U);
  const unsigned flags = get16(reply, 2);
  if (reply.size() < 12 + question || get16(reply, 0) != 0x1234 || (flags & 0x8000U) == 0 || get16(reply, 4) != 1 ||
      !std::equal(query.begin() + 12, query.begin() + 12 + static_cast<std::ptrdiff_t>(question), reply.begin() + 12)) {
    return "not a reply to the query";
  }
  std::string text = rcode_name(flags & 15U) + flag_names(flags) + (get16(reply, 10) == 1 ? " edns |" : " |");
  std::size_t at = 12 + question;
  for (unsigned i = 0; i < get16(reply, 6); ++i) {
    if (get16(reply, at) != 0xc00c || get16(reply, at + 4) != kClassIn) {
      return "a bad record";
    }
    text += ' ' + data_text(reply, at + 12, get16(reply, at + 2));
    at += 12 + get16(reply, at + 10);
  }
  at += get16(reply, 10) == 1 ? 11U : 0U;
  return at == reply.size() ? text : "bytes too many or too few";
}

}  // namespace cmp::net::dns::testing
