#include "compose/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include <fmt/core.h>

namespace cmp::compose {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Constants, for a list of literals would be measured at each look.
constexpr std::array<std::string_view, 4> kNulls = {"~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 6> kBooleans = {"true", "True", "TRUE", "false", "False", "FALSE"};
constexpr std::array<std::string_view, 3> kInfinities = {".inf", ".Inf", ".INF"};
constexpr std::array<std::string_view, 3> kNoNumbers = {".nan", ".NaN", ".NAN"};

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, text) != words.end();
}

std::string without_underscores(std::string_view text) {
  std::string result(text);
  std::erase(result, '_');
  return result;
}

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text.front() == '-' || text.front() == '+') ? text.substr(1) : text;
}

/// The base that a prefix announces; the prefix is cut off.
int take_base(std::string_view& digits) {
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = digits[1];
    if (mark == 'x' || mark == 'X') {
      digits.remove_prefix(2);
      return 16;
    }
    if (mark == 'o' || mark == 'O') {
      digits.remove_prefix(2);
      return 8;
    }
    if (mark == 'b' || mark == 'B') {
      digits.remove_prefix(2);
      return 2;
    }
    digits.remove_prefix(1);
    return 8;
  }
  return 10;
}

struct Magnitude {
  std::uint64_t value = 0;
  bool negative = false;
};

std::optional<Magnitude> read_integer(std::string_view text) {
  const std::string clean = text.find('_') == std::string_view::npos ? std::string() : without_underscores(text);
  text = clean.empty() ? text : clean;
  std::string_view digits = without_sign(text);
  Magnitude result{.negative = text.starts_with('-')};
  const int base = take_base(digits);
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, result.value, base);
  if (digits.empty() || error != std::errc() || stop != end) {
    return std::nullopt;
  }
  return result;
}

std::size_t skip_digits(std::string_view text, std::size_t from) {
  while (from < text.size() && is_digit(text[from])) {
    ++from;
  }
  return from;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_decimal(std::string_view text) {
  text = without_sign(text);
  const std::size_t whole = skip_digits(text, 0);
  std::size_t at = whole;
  if (at < text.size() && text[at] == '.') {
    at = skip_digits(text, at + 1);
    if (whole == 0 && at == 1) {
      return false;
    }
  } else if (whole == 0) {
    return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    at += at < text.size() && (text[at] == '-' || text[at] == '+') ? 1U : 0U;
    const std::size_t exponent = skip_digits(text, at);
    return exponent > at && exponent == text.size();
  }
  return at == text.size();
}

/// One that is too large for a number stays a text, as for Go.
bool is_float(const std::string& text) {
  return is_decimal(text) && !std::isinf(std::strtod(text.c_str(), nullptr));
}

bool may_be_number(char first) {
  return is_digit(first) || first == '-' || first == '+' || first == '.';
}

/// False if a text like this can only be a string, as most can.
bool may_have_type(std::string_view text) {
  constexpr std::size_t kLongestWord = 5;
  constexpr std::string_view kFirst = "~nNtTfF";
  return may_be_number(text.front()) ||
         (text.size() <= kLongestWord && kFirst.find(text.front()) != std::string_view::npos);
}

/// How a number is written: with an exponent from which power of ten on and below which; words for what is none.
struct Notation {
  int below;
  int from;
  const char* infinity;
  const char* minus_infinity;
  const char* no_number;
};

constexpr Notation kInDocuments = {-6, 21, ".inf", "-.inf", ".nan"};
constexpr Notation kAsText = {-4, 6, "+Inf", "-Inf",
                              "NaN"};  // where a string is wanted, Compose formats as Go's %v does

/// d.ddd times ten to the power of the exponent.
struct Digits {
  std::string digits;
  int exponent = 0;
};

/// The fewest digits that are read as the same number, of what fmt writes: std::to_chars brings 137 KB of tables.
Digits fewest_digits(std::string_view written) {
  const std::size_t mark = std::min(written.find('e'), written.size());
  const std::size_t point = std::min(written.find('.'), mark);
  Digits result{std::string(written.substr(0, mark)), static_cast<int>(point) - 1};
  if (mark < written.size()) {
    result.exponent += static_cast<int>(std::strtol(std::string(written.substr(mark + 1)).c_str(), nullptr, 10));
  }
  std::erase(result.digits, '.');
  const std::size_t first = std::min(result.digits.find_first_not_of('0'), result.digits.size() - 1);
  result.digits.erase(0, first);
  result.exponent -= static_cast<int>(first);
  result.digits.resize(std::max<std::size_t>(result.digits.find_last_not_of('0') + 1, 1));
  return result;
}

std::string with_exponent(const Digits& number) {
  const std::string fraction = number.digits.size() > 1 ? "." + number.digits.substr(1) : "";
  return fmt::format("{}{}e{}{:02}", number.digits[0], fraction, number.exponent < 0 ? '-' : '+',
                     std::abs(number.exponent));
}

/// Of a number that is no whole one.
std::string without_exponent(const Digits& number) {
  if (number.exponent < 0) {
    return "0." + std::string(static_cast<std::size_t>(-number.exponent - 1), '0') + number.digits;
  }
  const auto whole = static_cast<std::size_t>(number.exponent) + 1;
  return number.digits.substr(0, whole) + "." + number.digits.substr(whole);
}

template <typename Float>
std::string shortest(Float value, Notation notation = kInDocuments) {
  if (std::isnan(value)) {
    return notation.no_number;
  }
  if (std::isinf(value)) {
    return value > 0 ? notation.infinity : notation.minus_infinity;
  }
  const Float size = std::fabs(value);
  const bool exponent = size != 0 && (size < static_cast<Float>(std::pow(10, notation.below)) ||
                                      size >= static_cast<Float>(std::pow(10, notation.from)));
  const Digits digits = fewest_digits(fmt::format("{}", size));
  const std::string sign = std::signbit(value) ? "-" : "";
  if (exponent) {
    return sign + with_exponent(digits);
  }
  const bool is_whole = digits.exponent + 1 >= static_cast<int>(digits.digits.size());
  return sign + (is_whole ? fmt::format("{:.0f}", size) : without_exponent(digits));
}

}  // namespace

ScalarType plain_type(std::string_view text) {
  if (!text.empty() && !may_have_type(text)) {
    return ScalarType::kString;
  }
  if (text.empty() || is_one_of(text, kNulls)) {
    return ScalarType::kNull;
  }
  if (is_one_of(text, kBooleans)) {
    return ScalarType::kBool;
  }
  if (!may_be_number(text.front())) {
    return ScalarType::kString;
  }
  if (read_integer(text)) {
    return ScalarType::kInteger;
  }
  const std::string_view bare = without_sign(text);
  if (is_one_of(bare, kInfinities) || is_one_of(text, kNoNumbers)) {
    return ScalarType::kFloat;
  }
  return is_float(without_underscores(text)) ? ScalarType::kFloat : ScalarType::kString;
}

ScalarType scalar_type(const Node& node) {
  return node.style == ScalarStyle::kPlain ? plain_type(node.scalar) : ScalarType::kString;
}

std::optional<std::int64_t> plain_integer(std::string_view text) {
  const auto read = read_integer(text);
  constexpr auto kMax = static_cast<std::uint64_t>(INT64_MAX);
  if (!read || read->value > kMax + (read->negative ? 1U : 0U)) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(read->negative ? ~read->value + 1 : read->value);
}

double plain_number(std::string_view text) {
  if (const auto read = read_integer(text)) {
    const auto magnitude = static_cast<double>(read->value);
    return read->negative ? -magnitude : magnitude;
  }
  const std::string_view bare = without_sign(text);
  if (bare.size() == 4 && bare[0] == '.' && (bare[1] == 'i' || bare[1] == 'I')) {
    return text.front() == '-' ? -HUGE_VAL : HUGE_VAL;
  }
  if (bare.size() == 4 && bare[0] == '.' && (bare[1] == 'n' || bare[1] == 'N')) {
    return std::nan("");
  }
  return std::strtod(without_underscores(text).c_str(), nullptr);
}

std::string number_text(double value) {
  return shortest(value);
}

std::string number_text(float value) {
  return shortest(value);
}

namespace {

std::string typed_text(std::string_view text, Notation notation) {
  switch (plain_type(text)) {
    case ScalarType::kNull:
      return "";
    case ScalarType::kBool:
      return text.front() == 't' || text.front() == 'T' ? "true" : "false";
    case ScalarType::kInteger: {
      const auto read = read_integer(text);
      if (read->negative && !plain_integer(text)) {
        return shortest(plain_number(text), notation);
      }
      return fmt::format("{}{}", read->negative && read->value > 0 ? "-" : "", read->value);
    }
    case ScalarType::kFloat:
      return shortest(plain_number(text), notation);
    case ScalarType::kString:
      break;
  }
  return std::string(text);
}

}  // namespace

std::string plain_text(std::string_view text) {
  return typed_text(text, kInDocuments);
}

std::string scalar_text(const Node& node) {
  return node.style == ScalarStyle::kPlain ? typed_text(node.scalar, kAsText) : node.scalar;
}

void set_string(Node& node, std::string text) {
  node = string_node(std::move(text), node.origin);
}

void set_plain(Node& node, std::string text) {
  node = plain_node(std::move(text), node.origin);
}

Node string_node(std::string text, const Origin& origin) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.scalar = std::move(text);
  node.style = ScalarStyle::kQuoted;
  node.origin = origin;
  return node;
}

Node plain_node(std::string text, const Origin& origin) {
  Node node = string_node(std::move(text), origin);
  node.style = ScalarStyle::kPlain;
  return node;
}

}  // namespace cmp::compose
