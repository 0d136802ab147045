#pragma once
// When to probe and what a probe's result means. Pure. The first probe runs at once and then at growing steps until the
// first success, so that a dependant starts as soon as its dependency is ready; from then on every `interval`. A
// failure counts towards `retries` only as often as the declared interval allows: probing sooner never makes it
// unhealthy sooner.

#include "base/units.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::supervisor {

struct HealthState {
  state::Health health = state::Health::kStarting;
  int failing_streak = 0;
  Nanoseconds eager_step{0};   ///< delay before the next early probe
  MonotonicTime started;       ///< when the program was started
  MonotonicTime last_counted;  ///< when a failure last counted, or `started`
};

[[nodiscard]] HealthState begin_health(MonotonicTime started);

/// Takes in one result. \returns how long to wait before the next probe begins.
[[nodiscard]] Nanoseconds on_probe_result(HealthState& state, const model::HealthCheck& check, bool success,
                                          MonotonicTime now);

}  // namespace cmp::supervisor
