#pragma once
// The text side of interpolation: `$NAME`, `${NAME}`, `${NAME:-word}` and the others in one string. Used for values in
// compose files and for values in env files.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::compose {

/// Where values come from, and who hears of names that have none.
struct Lookup {
  std::function<std::optional<std::string>(std::string_view name)> value;
  std::function<void(std::string_view name)> unset;
};

/// True if substitute() would change or refuse the text.
[[nodiscard]] inline bool has_reference(std::string_view text) {
  return text.find('$') != std::string_view::npos;
}

/// Replaces every reference (compose-spec.md 2.3). `$` before anything that starts no reference stays. Errors:
/// kNotFound for a required variable without a value, kInvalid for a malformed `${` and a result beyond 4 MiB.
[[nodiscard]] Result<std::string> substitute(std::string_view text, const Lookup& lookup);

/// What to tell the user about a name without a value.
[[nodiscard]] std::string unset_message(std::string_view name);

}  // namespace cmp::compose
