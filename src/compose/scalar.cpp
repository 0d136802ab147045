#include "compose/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include <fmt/core.h>

namespace cmp::compose {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
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
  return may_be_number(text.front()) ||
         (text.size() <= kLongestWord && std::string_view("~nNtTfF").find(text.front()) != std::string_view::npos);
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

float read_back(const std::string& text, float /*type*/) {
  return std::strtof(text.c_str(), nullptr);
}

double read_back(const std::string& text, double /*type*/) {
  return std::strtod(text.c_str(), nullptr);
}

/// The fewest digits that are read as the same number. std::to_chars does it, too, with 137 KB of tables.
template <typename Float>
std::string fewest_digits(Float value) {
  std::string text;
  for (int digits = 0; digits < std::numeric_limits<Float>::max_digits10; ++digits) {
    text = fmt::format("{:.{}e}", value, digits);
    if (read_back(text, value) == value) {
      break;
    }
  }
  return text;
}

/// "1.5e+01" without an exponent.
template <typename Float>
std::string without_exponent(Float value, const std::string& digits) {
  const std::size_t mark = digits.find('e');
  const std::size_t point = digits.find('.');
  const int behind_point = point == std::string::npos ? 0 : static_cast<int>(mark - point) - 1;
  const int exponent = std::atoi(digits.c_str() + mark + 1);
  return fmt::format("{:.{}f}", value, std::max(0, behind_point - exponent));
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
  std::string digits = fewest_digits(value);
  return exponent ? digits : without_exponent(value, digits);
}

}  // namespace

ScalarType plain_type(std::string_view text) {
  if (!text.empty() && !may_have_type(text)) {
    return ScalarType::kString;
  }
  if (text.empty() || is_one_of(text, {"~", "null", "Null", "NULL"})) {
    return ScalarType::kNull;
  }
  if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    return ScalarType::kBool;
  }
  if (!may_be_number(text.front())) {
    return ScalarType::kString;
  }
  if (read_integer(text)) {
    return ScalarType::kInteger;
  }
  const std::string_view bare = without_sign(text);
  if (is_one_of(bare, {".inf", ".Inf", ".INF"}) || is_one_of(text, {".nan", ".NaN", ".NAN"})) {
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
