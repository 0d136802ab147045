#include "compose/casts.hpp"

#include <cmath>
#include <optional>

#include <fmt/core.h>

#include "compose/quantity.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

/// What a scalar becomes; plain texts are numbers and booleans.
struct Canonical {
  std::string text;
  ScalarStyle style = ScalarStyle::kQuoted;
};

Canonical plain(std::string text) {
  return {std::move(text), ScalarStyle::kPlain};
}

Canonical quoted(std::string text) {
  return {std::move(text), ScalarStyle::kQuoted};
}

bool is_whole(const Node& node) {
  return kind_of(node) == kind::kWhole;
}

std::optional<std::int64_t> whole_number(const Node& node) {
  return is_whole(node) ? plain_integer(node.scalar) : parse_integer(node.scalar);
}

std::optional<Canonical> to_bool(const Node& node) {
  const auto value = parse_bool(node.scalar);
  return value ? std::optional(plain(*value ? "true" : "false")) : std::nullopt;
}

std::optional<Canonical> to_integer(const Node& node) {
  const auto value = whole_number(node);
  return value ? std::optional(plain(fmt::format("{}", *value))) : std::nullopt;
}

std::optional<Canonical> to_number(const Node& node) {
  const bool numeric = (kind_of(node) & kind::kNumeric) != 0;
  const auto value = numeric ? std::optional(plain_number(node.scalar)) : parse_number(node.scalar);
  if (!value || !std::isfinite(*value)) {
    return std::nullopt;
  }
  return plain(number_text(static_cast<float>(*value)));
}

std::optional<Canonical> to_microseconds(const Node& node) {
  if (auto value = to_integer(node)) {
    return value;
  }
  const auto duration = parse_duration(node.scalar);
  return duration ? std::optional(plain(fmt::format("{}", duration->count() / 1000))) : std::nullopt;
}

std::optional<Canonical> to_bytes(const Node& node) {
  if (kind_of(node) == kind::kFraction) {
    const double value = plain_number(node.scalar);
    const bool exact = std::fabs(value) < 9e15 && value == std::floor(value);
    return exact ? std::optional(quoted(fmt::format("{}", static_cast<std::int64_t>(value)))) : std::nullopt;
  }
  const auto value = is_whole(node) ? plain_integer(node.scalar) : std::nullopt;
  const auto size = value ? std::optional(Bytes{*value}) : parse_bytes(node.scalar);
  return size ? std::optional(quoted(fmt::format("{}", size->count))) : std::nullopt;
}

std::optional<Canonical> to_duration(const Node& node) {
  const auto value = parse_duration(node.scalar);
  return value ? std::optional(quoted(duration_text(*value))) : std::nullopt;
}

/// A number is taken as given: YAML has already read `0440` to the base of 8.
std::optional<std::int64_t> mode_of(const Node& node) {
  const auto value = is_whole(node) ? plain_integer(node.scalar) : parse_octal(node.scalar);
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<Canonical> to_file_mode(const Node& node) {
  const auto value = mode_of(node);
  return value ? std::optional(quoted(fmt::format("0{:o}", *value))) : std::nullopt;
}

std::optional<Canonical> to_tmpfs_mode(const Node& node) {
  const auto value = mode_of(node);
  return value ? std::optional(plain(fmt::format("{}", *value))) : std::nullopt;
}

std::optional<Canonical> canonical(const Node& node, Cast cast) {
  switch (cast) {
    case Cast::kBool:
      return to_bool(node);
    case Cast::kInteger:
      return to_integer(node);
    case Cast::kNumber:
      return to_number(node);
    case Cast::kMicroseconds:
      return to_microseconds(node);
    case Cast::kBytes:
      return to_bytes(node);
    case Cast::kDuration:
      return to_duration(node);
    case Cast::kFileMode:
      return to_file_mode(node);
    case Cast::kTmpfsMode:
      return to_tmpfs_mode(node);
    case Cast::kCount:
      return node.scalar == "all" ? std::optional(plain("-1")) : to_integer(node);
    case Cast::kText:
    case Cast::kNone:
      break;
  }
  return quoted(scalar_text(node));
}

void warn_of_old_boolean(const Node& node, const Canonical& value, Problems& problems) {
  if (node.scalar != "true" && node.scalar != "false" && scalar_type(node) == ScalarType::kString) {
    problems.warn(node.origin, fmt::format("'{}' for a boolean is not supported by YAML 1.2, please use '{}'",
                                           node.scalar, value.text));
  }
}

}  // namespace

void cast_scalar(Node& node, Cast cast, std::string_view expected, const Place& place, Problems& problems) {
  if (!node.is_scalar() || cast == Cast::kNone || scalar_type(node) == ScalarType::kNull) {
    return;
  }
  auto value = canonical(node, cast);
  if (!value) {
    problems.wrong(node, fmt::format("{} must be {}, but is '{}'", place.text(), expected, node.scalar));
    return;
  }
  if (cast == Cast::kBool) {
    warn_of_old_boolean(node, *value, problems);
  }
  node.scalar = std::move(value->text);
  node.style = value->style;
}

}  // namespace cmp::compose
