#pragma once
// The table of everything that a Compose file can say: one row for each of the 353 paths of the schema
// (compose-spec.md section 1), with its form and what cmp does about it. The order of the rows is the order in which
// Docker Compose prints the keys of a mapping. Nothing else in compose/ lists attributes.

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "compose/forms.hpp"

namespace cmp::compose {

/// What `up` does about an attribute today.
enum class Support : std::uint8_t {
  kHonoured,
  kConditional,  ///< the note says under which condition
  kRefused,      ///< it can't be done here: the note says why
  kNotYet,       ///< accepted and printed; the note says what happens instead
};

/// When `config` prints a key.
enum class Printed : std::uint8_t {
  kFilled,  ///< unless its value is empty: "", 0, false, null, no elements
  kGiven,   ///< whenever the file has it
  kJson,    ///< whenever the file has it, and in JSON always, then {} (or null) if the file does not
  kFalse,   ///< only if it is false: true is the default
  kYaml,    ///< if it is filled, and not in JSON
  kNever,
};

/// Which text a value, or the names in a mapping, may have.
enum class Pattern : std::uint8_t {
  kAny,
  kNames,          ///< the keys: [a-zA-Z0-9._-]+
  kContainerName,  ///< somewhere [a-zA-Z0-9][a-zA-Z0-9_.-]+
  kPullPolicy,     ///< always, never, build, if_not_present, missing, refresh, daily, weekly, every_DURATION
};

struct Attribute {
  std::string_view path;  ///< `services.*.ports[].target`: `*` is a name the user chose, `[]` any element
  Form form = Form::kString;
  Support support = Support::kNotYet;
  std::string_view note;
  std::string_view choices;   ///< the words it may have: "tcp|udp"
  std::string_view required;  ///< the keys that the mapping (or each of its mappings) must have: "path|action"
  Printed printed = Printed::kFilled;
  double lowest = -std::numeric_limits<double>::infinity();  ///< bounds of a number written as one
  double highest = std::numeric_limits<double>::infinity();
  Pattern pattern = Pattern::kAny;
  std::string_view works;      ///< values that are honoured though others are not: "bridge|service:*"
  std::string_view json_name;  ///< where JSON output has another name for the last part of the path

  [[nodiscard]] constexpr Attribute one_of(std::string_view words) const;
  [[nodiscard]] constexpr Attribute needs(std::string_view keys) const;
  [[nodiscard]] constexpr Attribute printed_when(Printed when) const;
  [[nodiscard]] constexpr Attribute between(double low, double high) const;
  [[nodiscard]] constexpr Attribute json_as(std::string_view name) const;
  [[nodiscard]] constexpr Attribute like(Pattern text) const;
  [[nodiscard]] constexpr Attribute works_with(std::string_view values) const;
};

/// A position in a Compose file: follow the keys of the document from schema_root() to learn what may stand there.
class Shape {
 public:
  /// The row of this position; nullptr for one that its container's form describes, such as `services.*`.
  [[nodiscard]] const Attribute* attribute() const { return attribute_; }

  /// The position under `key` of a mapping; nullptr if the table knows none.
  [[nodiscard]] const Shape* key(std::string_view key) const;

  /// The position of the elements of a list; nullptr if the table says nothing about them.
  [[nodiscard]] const Shape* item() const { return item_; }

  /// The position of the values under names the user chose; nullptr if the keys are given by the table.
  [[nodiscard]] const Shape* any() const { return any_; }

  /// Where it stands among the keys of its mapping.
  [[nodiscard]] std::size_t rank() const { return rank_; }

  struct Key {
    std::string_view name;
    const Shape* shape = nullptr;
  };

  /// The keys that the table gives, in the order in which they are printed.
  [[nodiscard]] std::span<const Key> keys() const { return keys_; }

 private:
  friend class ShapeTree;
  const Attribute* attribute_ = nullptr;
  const Shape* item_ = nullptr;
  const Shape* any_ = nullptr;
  std::size_t rank_ = 0;
  std::span<const Key> keys_;
  std::span<const Key> sorted_;  ///< the same, shorter names first
};

/// The position of the document itself.
[[nodiscard]] const Shape& schema_root();

/// The position at `path`, written as in the table; nullptr if there is none.
[[nodiscard]] const Shape* find_shape(std::string_view path);

/// The row of `path`, written as in the table; nullptr if there is none.
[[nodiscard]] const Attribute* find_attribute(std::string_view path);

/// The rows in the order of the table, in groups.
[[nodiscard]] std::span<const std::span<const Attribute>> attribute_groups();

constexpr Attribute Attribute::one_of(std::string_view words) const {
  Attribute copy = *this;
  copy.choices = words;
  return copy;
}

constexpr Attribute Attribute::needs(std::string_view keys) const {
  Attribute copy = *this;
  copy.required = keys;
  return copy;
}

constexpr Attribute Attribute::printed_when(Printed when) const {
  Attribute copy = *this;
  copy.printed = when;
  return copy;
}

constexpr Attribute Attribute::between(double low, double high) const {
  Attribute copy = *this;
  copy.lowest = low;
  copy.highest = high;
  return copy;
}

constexpr Attribute Attribute::like(Pattern text) const {
  Attribute copy = *this;
  copy.pattern = text;
  return copy;
}

constexpr Attribute Attribute::works_with(std::string_view values) const {
  Attribute copy = *this;
  copy.works = values;
  return copy;
}

constexpr Attribute Attribute::json_as(std::string_view name) const {
  Attribute copy = *this;
  copy.json_name = name;
  return copy;
}

}  // namespace cmp::compose
