#pragma once
// Durations and amounts as people read them: the words of go-units, which Docker's tables use. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace cmp::cli {

/// "Less than a second", "5 seconds", "About a minute", "3 hours", "2 days" …; negative ones count as none.
[[nodiscard]] std::string human_duration(Nanoseconds duration);

/// "0.4s", "12.0s", "3m04s": what the progress block shows.
[[nodiscard]] std::string short_duration(Nanoseconds duration);

/// "2026-01-02T15:04:05.123456789Z": UTC, always nine digits.
[[nodiscard]] std::string rfc3339_nanoseconds(WallTime time);

/// "2026-01-02 15:04:05 +0000 UTC", as Go prints a time.
[[nodiscard]] std::string go_time(WallTime time);

/// "12.3MB": three digits of decimal units, as Docker shows sizes.
[[nodiscard]] std::string human_size(std::uint64_t bytes);

/// How many cells of a terminal the UTF-8 text needs, escape sequences not counted; every character counts as one.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The first `cells` cells of the text, without escape sequences in it.
[[nodiscard]] std::string clip(std::string_view text, std::size_t cells);

/// "a, b, c".
[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator = ", ");

}  // namespace cmp::cli
