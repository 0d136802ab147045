#include "base/base64.hpp"

#include <cstdint>

namespace cmp {

namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view data) {
  std::string text;
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      bits = bits << 8U | (at + k < data.size() ? static_cast<unsigned char>(data[at + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += at + k > data.size() ? '=' : kDigits[bits >> (18U - 6U * k) & 63U];
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string data;
  std::uint32_t bits = 0;
  unsigned count = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      continue;
    }
    if (c == '=') {
      ++padding;
      continue;
    }
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos || padding > 0) {
      return std::nullopt;
    }
    ++digits;
    bits = bits << 6U | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      data += static_cast<char>(bits >> count & 0xffU);
    }
  }
  const bool whole = (digits + padding) % 4 == 0 && padding <= 2;
  return whole ? std::optional(data) : std::nullopt;
}

}  // namespace cmp
