#include "compose/schema_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/quantity.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_name_char(char c) {
  return is_alphanumeric(c) || c == '.' || c == '_' || c == '-';
}

bool is_container_name(std::string_view text) {
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (is_alphanumeric(text[i]) && is_name_char(text[i + 1])) {
      return true;
    }
  }
  return false;
}

constexpr std::array<std::string_view, 8> kPullPolicies{"always",  "never",   "build", "if_not_present",
                                                        "missing", "refresh", "daily", "weekly"};

bool is_pull_policy(std::string_view text) {
  if (text.starts_with("every_")) {
    const bool digits_and_units = text.find_first_not_of("0123456789wdhms", 6) == std::string_view::npos;
    return digits_and_units && parse_duration(text.substr(6)).has_value();
  }
  return std::ranges::find(kPullPolicies, text) != kPullPolicies.end();
}

std::optional<std::string> wrong_pattern(std::string_view text, Pattern pattern) {
  if (pattern == Pattern::kContainerName && !is_container_name(text)) {
    return fmt::format("'{}' does not match pattern '[a-zA-Z0-9][a-zA-Z0-9_.-]+'", text);
  }
  if (pattern == Pattern::kPullPolicy && !is_pull_policy(text)) {
    return fmt::format("must be one of always, never, missing, build, daily, weekly, every_DURATION, but is '{}'",
                       text);
  }
  return std::nullopt;
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) {
    text += text.empty() ? "" : ", ";
    text += word;
  }
  return text;
}

std::vector<std::string_view> names_of(const Shape& shape) {
  std::vector<std::string_view> names;
  for (const Shape::Key& known : shape.keys()) {
    names.push_back(known.name);
  }
  return names;
}

std::optional<std::string> wrong_choice(std::string_view text, std::string_view choices) {
  const auto words = split_words(choices);
  if (words.empty() || std::ranges::find(words, text) != words.end()) {
    return std::nullopt;
  }
  const std::string_view meant = nearest(text, words);
  return fmt::format("must be one of {}, but is '{}'{}", joined(words), text,
                     meant.empty() ? std::string() : fmt::format(", did you mean '{}'?", meant));
}

std::optional<std::string> out_of_bounds(const Node& node, const Attribute& attribute) {
  const bool numeric = (kind_of(node) & kind::kNumeric) != 0;
  const auto value = numeric ? std::optional(plain_number(node.scalar)) : parse_number(node.scalar);
  if (value && *value < attribute.lowest) {
    return fmt::format("must be greater than or equal to {}, but is {}", number_text(attribute.lowest), node.scalar);
  }
  if (value && *value > attribute.highest) {
    return fmt::format("must be less than or equal to {}, but is {}", number_text(attribute.highest), node.scalar);
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string_view> split_words(std::string_view words) {
  std::vector<std::string_view> parts;
  while (!words.empty()) {
    const std::string_view word = words.substr(0, words.find('|'));
    parts.push_back(word);
    words.remove_prefix(std::min(word.size() + 1, words.size()));
  }
  return parts;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_name_char);
}

std::optional<std::string> wrong_scalar(const Node& node, const Attribute& attribute) {
  if (auto wrong = wrong_choice(node.scalar, attribute.choices)) {
    return wrong;
  }
  if (auto wrong = wrong_pattern(node.scalar, attribute.pattern)) {
    return wrong;
  }
  return out_of_bounds(node, attribute);
}

std::string wrong_kind(const Node& node, const std::string& place, Kinds allowed, std::string_view words) {
  std::string text = fmt::format("{} must be {}, but is {}", place, words, kinds_text(kind_of(node)));
  const bool duration = words == rule_of(Form::kDuration).words;
  const bool quotable = (allowed & kind::kText) != 0 && (allowed & kind::kBoolean) == 0 &&
                        (duration || words.find("string") != std::string_view::npos);
  if (!node.is_scalar() || scalar_type(node) == ScalarType::kNull || !quotable) {
    return text;
  }
  return text + (duration ? fmt::format("; write it with a unit: {}s", node.scalar)
                          : fmt::format("; quote it: \"{}\"", node.scalar));
}

std::string_view meant_key(const std::string& key, const Shape& shape) {
  return nearest(key, names_of(shape));
}

std::string unknown_key_text(const std::string& key, const Shape& shape, const std::string& place) {
  std::vector<std::string_view> names = names_of(shape);
  const std::string_view meant = nearest(key, names);
  constexpr std::size_t kShortList = 12;
  std::string hint;
  if (!meant.empty()) {
    hint = fmt::format(", did you mean '{}'?", meant);
  } else {
    std::ranges::sort(names);
    const std::size_t more = names.size() > kShortList ? names.size() - kShortList : 0;
    names.resize(names.size() - more);
    hint = fmt::format(" (valid: {}{})", joined(names),
                       more == 0 ? std::string() : fmt::format(" and {} more, see cmp-compose(5)", more));
  }
  return fmt::format("{}{}additional properties '{}' not allowed{}", place, place.empty() ? "" : ": ", key, hint);
}

std::string_view kinds_words(Kinds kinds) {
  static const auto texts = [] {
    std::array<std::string, 128> all;
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = kinds_text(static_cast<Kinds>(i));
    }
    return all;
  }();
  return texts[kinds & 127U];
}

}  // namespace cmp::compose
