#include "supervisor/health.hpp"

#include <algorithm>

namespace cmp::supervisor {

namespace {

constexpr Nanoseconds kFirstStep = std::chrono::milliseconds(10);
constexpr Nanoseconds kLongestStep = std::chrono::seconds(1);
/// Where no program is started for it.
constexpr Nanoseconds kLongestCheapStep = std::chrono::milliseconds(15);

bool in_start_period(const HealthState& state, const model::HealthCheck& check, MonotonicTime now) {
  return now - state.started < check.start_period;
}

}  // namespace

HealthState begin_health(MonotonicTime started) {
  HealthState state;
  state.started = started;
  state.last_counted = started;
  state.eager_step = kFirstStep;
  return state;
}

Nanoseconds on_probe_result(HealthState& state, const model::HealthCheck& check, bool success, MonotonicTime now) {
  if (success) {
    state.health = state::Health::kHealthy;
    state.failing_streak = 0;
    state.last_counted = now;
    return check.interval;
  }
  const bool was_healthy = state.health == state::Health::kHealthy;
  // Docker's first probe comes one interval after the start: from then on, one failure an interval counts.
  const bool due = was_healthy || now - state.last_counted >= check.interval;
  if (due && !in_start_period(state, check, now)) {
    state.last_counted = now;
    if (++state.failing_streak >= check.retries) {
      state.health = state::Health::kUnhealthy;
    }
  }
  if (was_healthy || state.health == state::Health::kUnhealthy) {
    return check.interval;
  }
  const Nanoseconds step = state.eager_step;
  state.eager_step = std::min(step * 2, check.has_test() ? kLongestStep : kLongestCheapStep);
  // Never past the moment at which the next failure may count.
  const Nanoseconds until_counted = state.last_counted + check.interval - now;
  return until_counted > Nanoseconds(0) ? std::min(step, until_counted) : step;
}

}  // namespace cmp::supervisor
