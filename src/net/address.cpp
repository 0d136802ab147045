#include <charconv>

#include <fmt/core.h>

#include "net/net.hpp"

namespace cmp::net {

namespace {

/// The number at the front of `text`, which is cut off; nothing when there is none, it is above `max` or is written
/// with a leading zero (some programs read those as octal).
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t max) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const auto length = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || value > max || (length > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  text.remove_prefix(length);
  return value;
}

std::uint32_t mask_of(int prefix) {
  return prefix == 0 ? 0 : ~std::uint32_t{0} << static_cast<unsigned>(32 - prefix);
}

}  // namespace

Result<std::uint32_t> parse_ipv4(std::string_view text) {
  std::string_view rest = text;
  std::uint32_t address = 0;
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (rest.empty() || rest.front() != '.') {
        break;
      }
      rest.remove_prefix(1);
    }
    const auto number = take_number(rest, 255);
    if (!number) {
      break;
    }
    address = address << 8U | *number;
    if (part == 3 && rest.empty()) {
      return address;
    }
  }
  return make_error(Code::kInvalid, fmt::format("'{}' is not an IPv4 address", text));
}

Result<Subnet> parse_subnet(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_ipv4(text.substr(0, slash));
  std::string_view rest = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  const auto prefix = take_number(rest, 32);
  if (!address || !prefix || !rest.empty()) {
    return make_error(Code::kInvalid, fmt::format("'{}' is not an IPv4 network such as 10.89.0.0/24", text));
  }
  const Subnet given{*address, static_cast<int>(*prefix)};
  if (first_address(given) != given.address) {
    return make_error(Code::kInvalid, fmt::format("'{}' has host bits set; the network is {}", text,
                                                  format_subnet({first_address(given), given.prefix})));
  }
  return given;
}

std::string format_ipv4(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24U, address >> 16U & 255U, address >> 8U & 255U, address & 255U);
}

std::string format_subnet(const Subnet& subnet) {
  return fmt::format("{}/{}", format_ipv4(subnet.address), subnet.prefix);
}

std::uint32_t first_address(const Subnet& subnet) {
  return subnet.address & mask_of(subnet.prefix);
}

std::uint32_t last_address(const Subnet& subnet) {
  return subnet.address | ~mask_of(subnet.prefix);
}

bool contains(const Subnet& subnet, std::uint32_t address) {
  return first_address(subnet) <= address && address <= last_address(subnet);
}

bool overlaps(const Subnet& a, const Subnet& b) {
  return first_address(a) <= last_address(b) && first_address(b) <= last_address(a);
}

std::string mac_of(std::uint32_t address) {
  return fmt::format("02:42:{:02x}:{:02x}:{:02x}:{:02x}", address >> 24U, address >> 16U & 255U, address >> 8U & 255U,
                     address & 255U);
}

bool is_mac(std::string_view text) {
  constexpr std::size_t kLength = 17;
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  constexpr std::string_view kEven = "02468aceACE";  // the lowest bit of the first byte marks a group
  if (text.size() != kLength || kEven.find(text[1]) == std::string_view::npos) {
    return false;
  }
  for (std::size_t i = 0; i < kLength; ++i) {
    if (i % 3 == 2 ? text[i] != ':' : kDigits.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace cmp::net
