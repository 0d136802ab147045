#include "compose/quantity.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/decimal.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

constexpr double kMaxCount = 9.2e18;

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

/// The factor of "", "b", "k", "kb", "kib" and so on; nothing for another suffix.
std::optional<double> size_factor(std::string_view suffix) {
  if (suffix.empty() || suffix == "b") {
    return 1.0;
  }
  constexpr std::string_view kLetters = "kmgtp";
  const std::size_t power = kLetters.find(suffix[0]);
  const std::string_view rest = suffix.substr(1);
  if (power == std::string_view::npos || !(rest.empty() || rest == "b" || rest == "ib")) {
    return std::nullopt;
  }
  return std::pow(1024.0, static_cast<double>(power + 1));
}

struct TimeUnit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array<TimeUnit, 10> kTimeUnits{{{"ns", 1},
                                               {"us", 1'000},
                                               {"µs", 1'000},
                                               {"μs", 1'000},
                                               {"ms", 1'000'000},
                                               {"s", kSecond},
                                               {"m", 60 * kSecond},
                                               {"h", 3600 * kSecond},
                                               {"d", 24 * 3600 * kSecond},
                                               {"w", 7 * 24 * 3600 * kSecond}}};

bool is_amount_char(char c) {
  return (c >= '0' && c <= '9') || c == '.';
}

std::size_t count_while_amount(std::string_view text, bool wanted) {
  std::size_t count = 0;
  while (count < text.size() && is_amount_char(text[count]) == wanted) {
    ++count;
  }
  return count;
}

/// Reads one "12.5h" from the front of `text`.
std::optional<std::int64_t> take_duration_part(std::string_view& text) {
  const std::string_view amount = text.substr(0, count_while_amount(text, true));
  text.remove_prefix(amount.size());
  const std::string_view name = text.substr(0, count_while_amount(text, false));
  text.remove_prefix(name.size());
  const auto* unit = std::ranges::find(kTimeUnits, name, &TimeUnit::name);
  if (amount.empty() || amount == "." || unit == kTimeUnits.end()) {
    return std::nullopt;
  }
  const std::size_t point = std::min(amount.find('.'), amount.size());
  std::int64_t whole = 0;
  if (point > 0) {
    const auto read = parse_integer(amount.substr(0, point));
    if (!read || *read > INT64_MAX / unit->nanoseconds) {
      return std::nullopt;
    }
    whole = *read * unit->nanoseconds;
  }
  if (point + 1 < amount.size()) {
    const auto fraction = parse_number(fmt::format("0{}", amount.substr(point)));
    if (!fraction) {
      return std::nullopt;
    }
    whole += static_cast<std::int64_t>(std::llround(*fraction * static_cast<double>(unit->nanoseconds)));
  }
  return whole;
}

/// `value` / `unit` with up to nine decimals and no trailing zeros.
std::string decimal(std::int64_t value, std::int64_t unit) {
  std::string text = fmt::format("{}", value / unit);
  if (value % unit != 0) {
    std::string fraction = fmt::format("{}", unit + value % unit).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text;
}

std::string short_duration(std::int64_t count) {
  if (count < 1'000) {
    return fmt::format("{}ns", count);
  }
  return count < 1'000'000 ? decimal(count, 1'000) + "µs" : decimal(count, 1'000'000) + "ms";
}

}  // namespace

std::optional<Bytes> parse_bytes(std::string_view text) {
  if (text == "-1") {
    return Bytes{-1};
  }
  const std::size_t last = text.find_last_of("0123456789. ");
  if (last == std::string_view::npos) {
    return std::nullopt;
  }
  const bool spaced = text[last] == ' ';
  const auto number = parse_number(text.substr(0, spaced ? last : last + 1));
  const auto factor = size_factor(lower(text.substr(last + 1)));
  if (!number || !factor || *number < 0 || *number * *factor > kMaxCount) {
    return std::nullopt;
  }
  return Bytes{static_cast<std::int64_t>(*number * *factor)};
}

std::optional<Nanoseconds> parse_duration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    text.remove_prefix(1);
  }
  if (text == "0") {
    return Nanoseconds(0);
  }
  if (text.empty()) {
    return std::nullopt;
  }
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto part = take_duration_part(text);
    if (!part || *part > INT64_MAX - total) {
      return std::nullopt;
    }
    total += *part;
  }
  return Nanoseconds(negative ? -total : total);
}

std::string duration_text(Nanoseconds duration) {
  std::int64_t count = duration.count();
  const std::string sign = count < 0 ? "-" : "";
  count = count < 0 ? -count : count;
  if (count == 0) {
    return "0s";
  }
  if (count < kSecond) {
    return fmt::format("{}{}", sign, short_duration(count));
  }
  const std::int64_t minutes = count / (60 * kSecond);
  const std::string seconds = decimal(count % (60 * kSecond), kSecond) + "s";
  if (minutes == 0) {
    return fmt::format("{}{}", sign, seconds);
  }
  if (minutes < 60) {
    return fmt::format("{}{}m{}", sign, minutes, seconds);
  }
  return fmt::format("{}{}h{}m{}", sign, minutes / 60, minutes % 60, seconds);
}

std::optional<bool> parse_bool(std::string_view text) {
  const std::string word = lower(text);
  if (word == "true" || word == "yes" || word == "y" || word == "on") {
    return true;
  }
  if (word == "false" || word == "no" || word == "n" || word == "off") {
    return false;
  }
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && !text.empty() ? std::optional(value) : std::nullopt;
}

std::optional<double> parse_number(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
  }
  return parse_decimal(text);
}

std::optional<std::int64_t> parse_octal(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, 8);
  return error == std::errc() && stop == end && !text.empty() ? std::optional(value) : std::nullopt;
}

}  // namespace cmp::compose
