#include "net/dns_zone.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace cmp::net::dns {

namespace {

/// Containers come and go: nobody should remember an address for long.
constexpr std::uint32_t kTtlSeconds = 5;
constexpr std::size_t kTcpBytes = 65535;

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool asks_for(const Query& query, std::uint16_t type) {
  return query.type == type || query.type == kTypeAny;
}

bool is_of_internet(const Query& query) {
  return query.klass == kClassIn || query.klass == kClassAny;
}

/// One record an address, the first one another each time.
void add_records(std::uint16_t type, const std::vector<Bytes>& addresses, std::size_t turn,
                 std::vector<Record>& records) {
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const Bytes& address = addresses[(i + turn % addresses.size()) % addresses.size()];
    records.push_back({.type = type, .ttl_s = kTtlSeconds, .data = address});
  }
}

std::vector<Record> address_records(const Query& query, const Zone& zone, std::size_t turn) {
  std::vector<Record> records;
  const auto* addresses = zone.find(query.name);
  if (addresses != nullptr && asks_for(query, kTypeA)) {
    std::vector<Bytes> data;
    std::ranges::transform(*addresses, std::back_inserter(data), address_data);
    add_records(kTypeA, data, turn, records);
  }
  if (const auto* addresses6 = zone.find6(query.name); addresses6 != nullptr && asks_for(query, kTypeAaaa)) {
    add_records(kTypeAaaa, *addresses6, turn, records);
  }
  return records;
}

std::vector<Record> pointer_records(const Query& query, const std::string& name) {
  const Record record{.type = kTypePtr, .ttl_s = kTtlSeconds, .data = name_data(name)};
  return asks_for(query, kTypePtr) ? std::vector{record} : std::vector<Record>{};
}

/// Of a unique local address (fc00::/7): nobody outside can name it.
bool is_reverse_of_local6(const std::string& name) {
  return name.ends_with(".d.f.ip6.arpa") || name.ends_with(".c.f.ip6.arpa");
}

/// The answer the zone has; nothing if the question is not its to answer.
std::optional<std::pair<Rcode, std::vector<Record>>> look_up(const Query& query, const Zone& zone, std::size_t turn) {
  using Found = std::pair<Rcode, std::vector<Record>>;
  if (zone.find(query.name) != nullptr) {
    return Found(Rcode::kNoError, address_records(query, zone, turn));
  }
  if (zone.is_denied(query.name)) {
    return Found(Rcode::kNameError, {});
  }
  if (const auto address = reverse_address(query.name)) {
    if (const auto* name = zone.find_reverse(*address)) {
      return Found(Rcode::kNoError, pointer_records(query, *name));
    }
    return zone.is_ours(*address) ? std::optional(Found(Rcode::kNameError, {})) : std::nullopt;
  }
  const auto address6 = reverse_address6(query.name);
  if (const auto* name = address6 ? zone.find_reverse6(*address6) : nullptr) {
    return Found(Rcode::kNoError, pointer_records(query, *name));
  }
  const bool is_single_label = !query.name.empty() && query.name.find('.') == std::string::npos;
  return is_single_label || is_reverse_of_local6(query.name) ? std::optional(Found(Rcode::kNameError, {}))
                                                             : std::nullopt;
}

Verdict answer_query(Query query, const Zone& zone, Transport transport, std::size_t turn) {
  const std::size_t limit = transport == Transport::kTcp ? kTcpBytes : query.udp_limit;
  if (query.edns_version != 0) {
    return Reply{make_reply(query, Rcode::kBadVersion, {}, limit)};
  }
  const auto found = look_up(query, zone, turn);
  if (!found) {
    return Forward{std::move(query)};
  }
  if (!is_of_internet(query)) {
    return Reply{make_reply(query, Rcode::kRefused, {}, limit)};
  }
  return Reply{make_reply(query, found->first, found->second, limit)};
}

}  // namespace

void Zone::add_name(std::string_view name, std::uint32_t address) {
  auto& addresses = names_[lower(name)];
  if (std::ranges::find(addresses, address) == addresses.end()) {
    addresses.push_back(address);
  }
}

void Zone::add_name6(std::string_view name, const Bytes& address) {
  hide_name(name);
  auto& addresses = names6_[lower(name)];
  if (std::ranges::find(addresses, address) == addresses.end()) {
    addresses.push_back(address);
  }
}

const std::vector<Bytes>* Zone::find6(const std::string& name) const {
  const auto entry = names6_.find(name);
  return entry == names6_.end() ? nullptr : &entry->second;
}

void Zone::hide_name(std::string_view name) {
  names_.try_emplace(lower(name));
}

void Zone::deny_name(std::string_view name) {
  denied_.insert(lower(name));
}

void Zone::add_reverse(std::uint32_t address, std::string name) {
  reverse_.emplace(address, std::move(name));
}

void Zone::add_subnet(const Subnet& subnet) {
  subnets_.push_back(subnet);
}

void Zone::add_reverse6(const Bytes& address, std::string name) {
  reverse6_.emplace(address, std::move(name));
}

const std::vector<std::uint32_t>* Zone::find(const std::string& name) const {
  const auto entry = names_.find(name);
  return entry == names_.end() ? nullptr : &entry->second;
}

const std::string* Zone::find_reverse(std::uint32_t address) const {
  const auto entry = reverse_.find(address);
  return entry == reverse_.end() ? nullptr : &entry->second;
}

const std::string* Zone::find_reverse6(const Bytes& address) const {
  const auto entry = reverse6_.find(address);
  return entry == reverse6_.end() ? nullptr : &entry->second;
}

bool Zone::is_ours(std::uint32_t address) const {
  return std::ranges::any_of(subnets_, [&](const Subnet& subnet) { return contains(subnet, address); });
}

Verdict answer(BytesView message, const Zone& zone, Transport transport, std::size_t turn) {
  auto parsed = parse_query(message);
  if (const auto* malformed = std::get_if<Malformed>(&parsed)) {
    return Reply{make_reply(*malformed)};
  }
  if (auto* query = std::get_if<Query>(&parsed)) {
    return answer_query(std::move(*query), zone, transport, turn);
  }
  return Drop{};
}

Bytes server_failure(const Query& query) {
  return make_reply(query, Rcode::kServerFailure, {}, query.udp_limit);
}

std::optional<std::uint32_t> reverse_address(std::string_view name) {
  constexpr std::string_view kSuffix = ".in-addr.arpa";
  if (!name.ends_with(kSuffix)) {
    return std::nullopt;
  }
  const auto backwards = parse_ipv4(name.substr(0, name.size() - kSuffix.size()));
  if (!backwards) {
    return std::nullopt;
  }
  const std::uint32_t a = *backwards;
  return a << 24U | (a & 0xff00U) << 8U | (a >> 8U & 0xff00U) | a >> 24U;
}

std::optional<Bytes> reverse_address6(std::string_view name) {
  constexpr std::string_view kSuffix = ".ip6.arpa";
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kAddressBytes = 16;
  constexpr std::size_t kLabels = kAddressBytes * 2;
  if (!name.ends_with(kSuffix) || name.size() != kLabels * 2 - 1 + kSuffix.size()) {
    return std::nullopt;
  }
  Bytes address(kAddressBytes);
  for (std::size_t label = 0; label < kLabels; ++label) {
    // The last digit of the address comes first.
    const std::size_t digit = kDigits.find(name[label * 2]);
    if (digit == std::string_view::npos || name[label * 2 + 1] != '.') {
      return std::nullopt;
    }
    const std::size_t place = kLabels - 1 - label;
    address[place / 2] = static_cast<std::uint8_t>(address[place / 2] | digit << (place % 2 == 0 ? 4U : 0U));
  }
  return address;
}

}  // namespace cmp::net::dns
