#pragma once
// Env files: `.env`, --env-file, services.*.env_file and label_file (compose-spec.md 2.5).

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "compose/phases.hpp"
#include "compose/substitute.hpp"

namespace cmp::compose {

enum class EnvFormat {
  kDotenv,  ///< quotes, comments and references
  kRaw,     ///< KEY=VALUE lines, taken as they are
};

/// Adds what `text` defines to `into`. References see `lookup` first, then what `into` holds. A name alone takes its
/// value from `lookup` and stays away if there is none. The error is that of every statement that is wrong, each with
/// its place in `file`; the others are there all the same. `places`, if given, takes where each variable is defined.
[[nodiscard]] Status parse_env(std::string_view text, const std::string& file, EnvFormat format, const Lookup& lookup,
                               Variables& into, VariablePlaces* places = nullptr);

}  // namespace cmp::compose
