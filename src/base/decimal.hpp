#pragma once
// Decimal numbers in texts, whatever the locale. By the C library: std::from_chars of a double brings 60 KB of tables.

#include <cstddef>
#include <optional>
#include <string_view>

namespace cmp {

struct Decimal {
  double value = 0;
  std::size_t size = 0;  ///< how many characters of the text it is
};

/// The number that `text` begins with: "1", "-1.5", ".5", "2e-3". Not "+1", " 1", "0x1", "inf", nor what is too large.
[[nodiscard]] std::optional<Decimal> leading_decimal(std::string_view text);

/// A text that is such a number and nothing else.
[[nodiscard]] std::optional<double> parse_decimal(std::string_view text);

}  // namespace cmp
