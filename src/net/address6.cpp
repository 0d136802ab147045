#include "net/address6.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/core.h>

#include "base/sha256.hpp"

namespace cmp::net {

namespace {

using Octets = std::array<std::uint8_t, sizeof(in6_addr)>;

constexpr int kLongestPrefix = 112;

std::optional<Octets> octets_of(const std::string& text) {
  Octets octets{};
  return ::inet_pton(AF_INET6, text.c_str(), octets.data()) == 1 ? std::optional(octets) : std::nullopt;
}

std::string text_of(const Octets& octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

Octets without_host(const Octets& address, int prefix) {
  Octets network{};
  for (std::size_t i = 0; i < network.size(); ++i) {
    const int bits = std::clamp(prefix - static_cast<int>(i) * 8, 0, 8);
    network[i] = static_cast<std::uint8_t>(address[i] & (0xff00U >> static_cast<unsigned>(bits)));
  }
  return network;
}

}  // namespace

Result<std::string> parse_ipv6(const std::string& text) {
  if (const auto octets = octets_of(text)) {
    return text_of(*octets);
  }
  return make_error(Code::kInvalid, fmt::format("'{}' is not an IPv6 address", text));
}

int prefix_of6(const std::string& subnet) {
  const std::size_t slash = std::min(subnet.find('/'), subnet.size());
  int prefix = -1;
  const char* const end = subnet.data() + subnet.size();
  const char* const start = std::min(subnet.data() + slash + 1, end);
  return std::from_chars(start, end, prefix).ptr == end ? prefix : -1;
}

Result<std::string> parse_subnet6(const std::string& text) {
  const auto address = octets_of(text.substr(0, text.find('/')));
  const int prefix = prefix_of6(text);
  if (!address || prefix < 0 || prefix > kLongestPrefix) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not an IPv6 network such as fd00:1::/64", text));
  }
  const Octets network = without_host(*address, prefix);
  if (network != *address) {
    return make_error(Code::kInvalid,
                      fmt::format("'{}' has host bits set; the network is {}/{}", text, text_of(network), prefix));
  }
  return fmt::format("{}/{}", text_of(network), prefix);
}

std::string nth_address6(const std::string& subnet, std::uint32_t number) {
  Octets octets = octets_of(subnet.substr(0, subnet.find('/'))).value_or(Octets());
  for (std::size_t i = octets.size(); i > octets.size() - sizeof number; --i) {
    octets[i - 1] = static_cast<std::uint8_t>(octets[i - 1] | (number & 0xffU));
    number >>= 8U;
  }
  return text_of(octets);
}

std::uint32_t number_in6(const std::string& subnet, const std::string& address) {
  const Octets network = octets_of(subnet.substr(0, subnet.find('/'))).value_or(Octets());
  const Octets octets = octets_of(address).value_or(Octets());
  std::uint32_t number = 0;
  for (std::size_t i = octets.size() - sizeof number; i < octets.size(); ++i) {
    number = number << 8U | static_cast<std::uint8_t>(octets[i] & ~network[i]);
  }
  return number;
}

bool contains6(const std::string& subnet, const std::string& address) {
  const auto octets = octets_of(address);
  const auto network = octets_of(subnet.substr(0, subnet.find('/')));
  return octets && network && without_host(*octets, prefix_of6(subnet)) == *network;
}

std::string unique_local_subnet(std::string_view name) {
  const std::string hash = sha256_hex(std::string(name));
  return fmt::format("fd{}:{}:{}:{}::/64", hash.substr(0, 2), hash.substr(2, 4), hash.substr(6, 4), hash.substr(10, 4));
}

}  // namespace cmp::net
