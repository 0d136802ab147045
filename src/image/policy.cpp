#include "image/policy.hpp"

namespace cmp::image {

Decision decide(const Situation& situation) {
  using model::PullPolicy;
  const bool build = situation.build_asked || situation.policy == PullPolicy::kBuild;
  if (situation.buildable && !situation.build_refused && build) {
    return Decision::kBuild;
  }
  if (situation.policy == PullPolicy::kNever && !situation.buildable) {
    return situation.present ? Decision::kUse : Decision::kRefuse;
  }
  if (situation.policy == PullPolicy::kAlways && !situation.buildable) {
    return Decision::kPull;
  }
  if (situation.present) {
    const bool old = situation.max_age && situation.age > *situation.max_age && !situation.buildable;
    return old || (situation.local && situation.outdated) ? Decision::kPull : Decision::kUse;
  }
  if (situation.buildable) {
    return situation.build_refused ? Decision::kRefuse : Decision::kBuild;
  }
  return Decision::kPull;
}

}  // namespace cmp::image
