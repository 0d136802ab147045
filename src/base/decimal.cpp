#include "base/decimal.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

namespace cmp {

namespace {

std::size_t behind_digits(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of("0123456789", at), text.size());
}

/// Behind the exponent at `at`; `at` if there is none.
std::size_t behind_exponent(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != 'e' && text[at] != 'E')) {
    return at;
  }
  const bool is_signed = at + 1 < text.size() && (text[at + 1] == '-' || text[at + 1] == '+');
  const std::size_t digits = at + (is_signed ? 2 : 1);
  const std::size_t end = digits <= text.size() ? behind_digits(text, digits) : digits;
  return end > digits ? end : at;
}

}  // namespace

std::optional<Decimal> leading_decimal(std::string_view text) {
  const std::size_t begin = text.starts_with('-') ? 1 : 0;
  std::size_t end = behind_digits(text, begin);
  std::size_t digits = end - begin;
  if (end < text.size() && text[end] == '.') {
    const std::size_t fraction = behind_digits(text, end + 1);
    digits += fraction - (end + 1);
    end = fraction;
  }
  if (digits == 0) {
    return std::nullopt;
  }
  end = behind_exponent(text, end);
  const double value = std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
  return std::isfinite(value) ? std::optional(Decimal{value, end}) : std::nullopt;
}

std::optional<double> parse_decimal(std::string_view text) {
  const auto leading = leading_decimal(text);
  return leading && leading->size == text.size() ? std::optional(leading->value) : std::nullopt;
}

}  // namespace cmp
