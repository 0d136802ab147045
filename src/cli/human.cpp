#include "cli/human.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <fmt/core.h>

namespace cmp::cli {

namespace {

using std::chrono::seconds;

std::tm utc(WallTime time) {
  const std::time_t whole = std::chrono::floor<seconds>(time).time_since_epoch().count();
  std::tm out{};
  gmtime_r(&whole, &out);
  return out;
}

/// Bytes of the escape sequence (ESC [ … letter) at the start of `text`; 0 if there is none.
std::size_t escape_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) {
    return 0;
  }
  const std::size_t end = text.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 2);
  return end == std::string_view::npos ? text.size() : end + 1;
}

bool starts_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

}  // namespace

std::string human_duration(Nanoseconds duration) {
  const auto count = std::chrono::floor<seconds>(duration).count();
  const auto minutes = count / 60;
  const auto hours = (count + 1800) / 3600;
  if (count < 1) {
    return "Less than a second";
  }
  if (count == 1) {
    return "1 second";
  }
  if (count < 60) {
    return fmt::format("{} seconds", count);
  }
  if (minutes == 1) {
    return "About a minute";
  }
  if (minutes < 60) {
    return fmt::format("{} minutes", minutes);
  }
  if (hours == 1) {
    return "About an hour";
  }
  if (hours < 48) {
    return fmt::format("{} hours", hours);
  }
  if (hours < 24 * 7 * 2) {
    return fmt::format("{} days", hours / 24);
  }
  if (hours < 24 * 30 * 2) {
    return fmt::format("{} weeks", hours / 24 / 7);
  }
  if (hours < 24 * 365 * 2) {
    return fmt::format("{} months", hours / 24 / 30);
  }
  return fmt::format("{} years", hours / 24 / 365);
}

std::string short_duration(Nanoseconds duration) {
  const auto tenths = std::max<std::int64_t>(0, std::chrono::floor<Milliseconds>(duration).count() / 100);
  if (tenths < 600) {
    return fmt::format("{}.{}s", tenths / 10, tenths % 10);
  }
  return fmt::format("{}m{:02}s", tenths / 600, tenths / 10 % 60);
}

std::string rfc3339_nanoseconds(WallTime time) {
  const std::tm parts = utc(time);
  const auto rest = time - std::chrono::floor<seconds>(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, Nanoseconds(rest).count());
}

std::string go_time(WallTime time) {
  const std::tm parts = utc(time);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02} +0000 UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string human_size(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> kUnits = {"B", "kB", "MB", "GB", "TB", "PB"};
  double amount = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (amount >= 1000.0 && unit + 1 < kUnits.size()) {
    amount /= 1000.0;
    ++unit;
  }
  return fmt::format("{:.{}g}{}", amount, amount >= 999.5 ? 4 : 3, kUnits.at(unit));
}

std::size_t display_width(std::string_view text) {
  std::size_t cells = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (const std::size_t escape = escape_length(text.substr(at)); escape > 0) {
      at += escape;
      continue;
    }
    cells += starts_character(text[at]) ? 1U : 0U;
    ++at;
  }
  return cells;
}

std::string clip(std::string_view text, std::size_t cells) {
  std::size_t used = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (starts_character(text[at]) && used++ == cells) {
      return std::string(text.substr(0, at));
    }
  }
  return std::string(text);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (const std::string& part : parts) {
    out += (&part == &parts.front() ? "" : std::string(separator)) + part;
  }
  return out;
}

}  // namespace cmp::cli
