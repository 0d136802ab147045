#include "net/filter_text.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>

#include <fmt/core.h>

namespace cmp::net::filter {

namespace {

// clang 14 has no class template argument deduction for aggregates: the guide is written out.
template <typename... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

template <typename... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

constexpr std::size_t kIpv4Bytes = 4;

const char* unless(bool is) {
  return is ? "" : "!= ";
}

std::string range_text(const Range& range) {
  const bool whole = static_cast<std::size_t>(range.prefix) == range.address.size() * 8;
  return whole ? address_text(range.address) : fmt::format("{}/{}", address_text(range.address), range.prefix);
}

std::string target_text(const Target& target) {
  std::string address = address_text(target.address);
  if (target.port == 0) {
    return address;
  }
  return target.address.size() == kIpv4Bytes ? fmt::format("{}:{}", address, target.port)
                                             : fmt::format("[{}]:{}", address, target.port);
}

std::string expression_text(const Expression& expression, const char* ip) {
  return std::visit(
      Overloaded{
          [](const expr::InDevice& e) { return fmt::format("iifname {}\"{}\"", unless(e.is), e.name); },
          [](const expr::OutDevice& e) { return fmt::format("oifname {}\"{}\"", unless(e.is), e.name); },
          [](const expr::OutGroup& e) { return fmt::format("oifgroup {}{}", unless(e.is), e.group); },
          [&](const expr::Source& e) { return fmt::format("{} saddr {}{}", ip, unless(e.is), range_text(e.range)); },
          [&](const expr::Destination& e) {
            return fmt::format("{} daddr {}{}", ip, unless(e.is), range_text(e.range));
          },
          [](const expr::Established&) { return std::string("ct state established,related"); },
          [](const expr::Redirected&) { return std::string("ct status dnat"); },
          [](const expr::ToHost&) { return std::string("fib daddr type local"); },
          [](const expr::DestinationPort& e) { return fmt::format("{} dport {}", protocol_name(e.protocol), e.port); },
          [](const expr::EveryNth& e) { return fmt::format("numgen inc mod {} 0", e.n); },
          [](const expr::Accept&) { return std::string("accept"); },
          [](const expr::Drop&) { return std::string("drop"); }, [](const expr::Jump& e) { return "jump " + e.chain; },
          [](const expr::ChangeDestination& e) { return "dnat to " + target_text(e.target); },
          [](const expr::Masquerade&) { return std::string("masquerade"); }},
      expression);
}

std::string hook_text(const Chain& chain) {
  const char* type = chain.nat ? "nat" : "filter";
  switch (chain.hook) {
    case Hook::kPrerouting:
      return fmt::format("type {} hook prerouting priority dstnat; policy accept;", type);
    case Hook::kForward:
      return fmt::format("type {} hook forward priority filter; policy accept;", type);
    case Hook::kOutput:
      return fmt::format("type {} hook output priority -100; policy accept;", type);
    case Hook::kPostrouting:
      return fmt::format("type {} hook postrouting priority srcnat; policy accept;", type);
    case Hook::kNone:
      break;
  }
  return "";
}

}  // namespace

std::string address_text(const AddressBytes& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const int family = address.size() == kIpv4Bytes ? AF_INET : AF_INET6;
  const bool known = address.size() == kIpv4Bytes || address.size() == sizeof(in6_addr);
  return known ? ::inet_ntop(family, address.data(), text.data(), text.size()) : "?";
}

AddressBytes address_bytes(const std::string& text) {
  std::array<char, sizeof(in6_addr)> bytes{};
  if (::inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    return {bytes.data(), kIpv4Bytes};
  }
  return ::inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1 ? AddressBytes(bytes.data(), bytes.size()) : "";
}

std::string text_of(const Rule& rule, Family family) {
  std::string out;
  for (const Expression& expression : rule) {
    out += (out.empty() ? "" : " ") + expression_text(expression, family == Family::kIpv4 ? "ip" : "ip6");
  }
  return out;
}

std::string text_of(const Table& table) {
  std::string out = fmt::format("table {} {} {{\n", table.family == Family::kIpv4 ? "ip" : "ip6", table.name);
  for (const Chain& chain : table.chains) {
    out += fmt::format("  chain {} {{\n", chain.name);
    if (const std::string hook = hook_text(chain); !hook.empty()) {
      out += "    " + hook + "\n";
    }
    for (const Rule& rule : chain.rules) {
      out += "    " + text_of(rule, table.family) + "\n";
    }
    out += "  }\n";
  }
  return out + "}\n";
}

}  // namespace cmp::net::filter
