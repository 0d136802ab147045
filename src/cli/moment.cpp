#include "cli/moment.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/decimal.hpp"

namespace cmp::cli {

namespace {

using std::chrono::seconds;

/// Reads exactly `digits` digits at `at` and moves on.
std::optional<int> take_digits(std::string_view text, std::size_t& at, std::size_t digits) {
  int value = 0;
  if (at + digits > text.size()) {
    return std::nullopt;
  }
  const char* const end = text.data() + at + digits;
  const auto [rest, code] = std::from_chars(text.data() + at, end, value);
  if (code != std::errc() || rest != end || value < 0) {
    return std::nullopt;
  }
  at += digits;
  return value;
}

bool take(std::string_view text, std::size_t& at, std::string_view wanted) {
  if (at < text.size() && wanted.find(text[at]) != std::string_view::npos) {
    ++at;
    return true;
  }
  return false;
}

/// ".123" to nanoseconds; nothing there is 0.
std::optional<Nanoseconds> take_fraction(std::string_view text, std::size_t& at) {
  Nanoseconds out{0};
  if (!take(text, at, ".")) {
    return out;
  }
  const std::size_t start = at;
  for (std::int64_t unit = 100'000'000; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
    out += Nanoseconds(unit * (text[at] - '0'));
  }
  return at == start ? std::nullopt : std::optional(out);
}

/// "Z", "+02:00" or nothing.
std::optional<seconds> take_zone(std::string_view text, std::size_t& at) {
  if (at == text.size() || take(text, at, "Zz")) {
    return seconds(0);
  }
  const bool west = text[at] == '-';
  if (!take(text, at, "+-")) {
    return std::nullopt;
  }
  const auto hours = take_digits(text, at, 2);
  take(text, at, ":");
  const auto minutes = take_digits(text, at, 2);
  if (!hours || !minutes) {
    return std::nullopt;
  }
  const seconds offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return west ? -offset : offset;
}

struct Clock {
  int hour = 0, minute = 0, second = 0;
  Nanoseconds fraction{0};
};

/// "15:04", "15:04:05" or "15:04:05.5".
std::optional<Clock> take_clock(std::string_view text, std::size_t& at) {
  Clock clock;
  const auto hour = take_digits(text, at, 2);
  const bool separated = take(text, at, ":");
  const auto minute = take_digits(text, at, 2);
  if (!hour || !separated || !minute) {
    return std::nullopt;
  }
  clock.hour = *hour;
  clock.minute = *minute;
  if (take(text, at, ":")) {
    const auto second = take_digits(text, at, 2);
    const auto fraction = take_fraction(text, at);
    if (!second || !fraction) {
      return std::nullopt;
    }
    clock.second = *second;
    clock.fraction = *fraction;
  }
  return clock;
}

std::optional<WallTime> parse_date(std::string_view text) {
  std::size_t at = 0;
  const auto year = take_digits(text, at, 4);
  const bool first = take(text, at, "-");
  const auto month = take_digits(text, at, 2);
  const bool second = take(text, at, "-");
  const auto day = take_digits(text, at, 2);
  if (!year || !first || !month || !second || !day) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  const auto clock = take(text, at, "T ") ? take_clock(text, at) : std::optional(Clock());
  const auto zone = take_zone(text, at);
  if (!date.ok() || !clock || clock->hour > 23 || clock->minute > 59 || clock->second > 60 || !zone ||
      at != text.size()) {
    return std::nullopt;
  }
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(clock->hour) + std::chrono::minutes(clock->minute) +
         seconds(clock->second) + clock->fraction - *zone;
}

std::optional<double> unit_seconds(std::string_view unit) {
  constexpr std::pair<std::string_view, double> kUnits[] = {{"h", 3600},  {"m", 60},    {"s", 1},
                                                            {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
  for (const auto& [name, value] : kUnits) {
    if (name == unit) {
      return value;
    }
  }
  return std::nullopt;
}

/// Go's durations: "1h30m", "1.5h", "90s".
std::optional<Nanoseconds> parse_duration(std::string_view text) {
  double total = 0;
  if (text.empty()) {
    return std::nullopt;
  }
  while (!text.empty()) {
    const std::size_t number = text.find_first_not_of("0123456789.");
    const std::size_t unit_end =
        number == std::string_view::npos ? number : std::min(text.find_first_of("0123456789.", number), text.size());
    const auto value = leading_decimal(text);
    const auto unit =
        number == std::string_view::npos ? std::nullopt : unit_seconds(text.substr(number, unit_end - number));
    if (!unit || number == 0 || !value || value->size != number) {
      return std::nullopt;
    }
    total += value->value * *unit;
    text.remove_prefix(unit_end);
  }
  return total > 3e9 ? std::nullopt : std::optional(Nanoseconds(std::llround(total * 1e9)));
}

/// "1767366245" or "1767366245.5".
std::optional<WallTime> parse_unix_time(std::string_view text) {
  std::int64_t whole = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), whole);
  auto at = static_cast<std::size_t>(rest - text.data());
  const auto fraction = take_fraction(text, at);
  if (code != std::errc() || whole < 0 || whole > 9'000'000'000 || !fraction || at != text.size()) {
    return std::nullopt;
  }
  return WallTime(seconds(whole)) + *fraction;
}

}  // namespace

Result<WallTime> parse_moment(std::string_view text, WallTime now) {
  if (const auto date = parse_date(text)) {
    return *date;
  }
  if (const auto time = parse_unix_time(text)) {
    return *time;
  }
  if (const auto ago = parse_duration(text)) {
    return now - *ago;
  }
  return make_error(Code::kInvalid,
                    fmt::format("'{}' is neither a time (2026-01-02T15:04:05Z) nor a duration (90m)", text));
}

}  // namespace cmp::cli
