#pragma once
// Whether an image is fetched, built or used as it is. Pure.

#include <optional>

#include "base/units.hpp"
#include "model/project.hpp"

namespace cmp::image {

enum class Decision {
  kUse,  ///< what the store has
  kPull,
  kBuild,
  kRefuse,  ///< it is not there and may not be fetched
};

struct Situation {
  model::PullPolicy policy = model::PullPolicy::kMissing;
  std::optional<Nanoseconds> max_age;
  bool present = false;
  Nanoseconds age{0};          ///< since it was last found to be current
  bool local = false;          ///< it is on this machine: asking costs nothing
  bool outdated = false;       ///< a local one that has changed since
  bool buildable = false;      ///< the service has `build:`
  bool build_asked = false;    ///< --build
  bool build_refused = false;  ///< --no-build
};

/// The Compose Specification's pull_policy. A service with `build:` is built, not pulled, unless its policy is to pull.
[[nodiscard]] Decision decide(const Situation& situation);

}  // namespace cmp::image
