#include "supervisor/machine.hpp"

#include <algorithm>
#include <utility>

namespace cmp::supervisor {

namespace {

using Actions = std::vector<Action>;

Actions on_prepare(Machine& m) {
  m.start_when_prepared = false;
  switch (m.phase) {
    case Phase::kIdle:
      m.phase = Phase::kPreparing;
      return {{ActionKind::kLaunch}};
    case Phase::kBackoff:
      m.phase = Phase::kPreparing;
      return {{ActionKind::kCancelTimer}, {ActionKind::kLaunch}};
    case Phase::kPrepared:
    case Phase::kStarting:
    case Phase::kRunning:
      return {{ActionKind::kTellPrepared}};
    case Phase::kPreparing:
    case Phase::kStopping:
      return {};
  }
  return {};
}

Actions on_prepared(Machine& m) {
  if (m.phase != Phase::kPreparing) {
    return {};
  }
  if (m.start_when_prepared) {
    m.phase = Phase::kStarting;
    return {{ActionKind::kTellPrepared}, {ActionKind::kGo}};
  }
  m.phase = Phase::kPrepared;
  return {{ActionKind::kTellPrepared}};
}

Actions on_start(Machine& m) {
  m.wanted = true;
  m.restarts = m.attempts = m.crashes = 0;
  switch (m.phase) {
    case Phase::kPrepared:
      m.phase = Phase::kStarting;
      return {{ActionKind::kGo}};
    case Phase::kPreparing:
      m.start_when_prepared = true;
      return {};
    case Phase::kRunning:
      return {{ActionKind::kTellStarted}};
    case Phase::kIdle:
      m.phase = Phase::kPreparing;
      m.start_when_prepared = true;
      return {{ActionKind::kLaunch}};
    case Phase::kBackoff:
      m.phase = Phase::kPreparing;
      m.start_when_prepared = true;
      return {{ActionKind::kCancelTimer}, {ActionKind::kLaunch}};
    case Phase::kStarting:
    case Phase::kStopping:
      return {};
  }
  return {};
}

Actions on_started(Machine& m, MonotonicTime now) {
  if (m.phase != Phase::kStarting) {
    return {};
  }
  m.phase = Phase::kRunning;
  m.started = now;
  return {{ActionKind::kTellStarted}};
}

/// Ends without a process: told to whoever waits for a start as well as for an end.
Actions on_launch_failed(Machine& m) {
  if (m.phase == Phase::kIdle || m.phase == Phase::kBackoff || m.phase == Phase::kRunning) {
    return {};
  }
  // A service that cannot be launched is not tried again and again: the same would happen.
  m.phase = Phase::kIdle;
  m.wanted = false;
  return {{ActionKind::kCancelTimer}, {ActionKind::kKillAll}, {ActionKind::kTellFailed}, {ActionKind::kTellStopped}};
}

Actions on_exited(Machine& m, const MachineEvent& event, MonotonicTime now) {
  if (m.phase == Phase::kIdle || m.phase == Phase::kBackoff) {
    return {};
  }
  // The last words of an init that could not exec come before its exit; one that says nothing was killed.
  if (m.phase == Phase::kPreparing || m.phase == Phase::kPrepared || m.phase == Phase::kStarting) {
    return on_launch_failed(m);
  }
  const bool rejoins = std::exchange(m.rejoining, false) && m.wanted;
  if (rejoins) {
    m.phase = Phase::kBackoff;
    return {{ActionKind::kCancelTimer}, {ActionKind::kKillAll}, {ActionKind::kArmBackoff}};
  }
  const Nanoseconds ran = now - m.started;
  if (m.policy.window && ran >= *m.policy.window) {
    m.attempts = 0;
  }
  if (ran >= kLongEnough) {
    m.crashes = 0;
  }
  const bool heals = std::exchange(m.healing, false);
  const bool again = m.wanted && (heals || restarts_after(m.policy, event, m.attempts));
  Actions actions{{ActionKind::kCancelTimer}, {ActionKind::kKillAll}};
  if (!again) {
    m.phase = Phase::kIdle;
    m.wanted = false;
    // Whoever still waited for its preparation, when a stop came in between, hears of it too.
    actions.push_back({ActionKind::kTellFailed});
    actions.push_back({ActionKind::kTellStopped});
    return actions;
  }
  m.phase = Phase::kBackoff;
  actions.push_back({ActionKind::kArmBackoff, backoff(m.policy, m.crashes)});
  ++m.restarts;
  ++m.attempts;
  ++m.crashes;
  return actions;
}

Actions on_stop(Machine& m, const MachineEvent& event) {
  m.wanted = false;
  m.start_when_prepared = false;
  switch (m.phase) {
    case Phase::kIdle:
      return {{ActionKind::kTellStopped}};
    case Phase::kBackoff:
      m.phase = Phase::kIdle;
      return {{ActionKind::kCancelTimer}, {ActionKind::kTellStopped}};
    case Phase::kPreparing:
    case Phase::kPrepared:
    case Phase::kStarting:
      // Nothing of the user's runs yet: there is nobody to say goodbye to.
      m.phase = Phase::kStopping;
      return {{ActionKind::kKillAll}};
    case Phase::kRunning: {
      m.phase = Phase::kStopping;
      const Nanoseconds grace = event.grace.value_or(m.grace);
      return {{ActionKind::kSignalStop}, {ActionKind::kArmGrace, grace}};
    }
    case Phase::kStopping:
      return event.grace ? Actions{{ActionKind::kCancelTimer}, {ActionKind::kArmGrace, *event.grace}} : Actions{};
  }
  return {};
}

Actions on_kill(Machine& m) {
  m.wanted = false;
  m.start_when_prepared = false;
  switch (m.phase) {
    case Phase::kIdle:
      return {{ActionKind::kTellStopped}};
    case Phase::kBackoff:
      m.phase = Phase::kIdle;
      return {{ActionKind::kCancelTimer}, {ActionKind::kTellStopped}};
    case Phase::kPreparing:
    case Phase::kPrepared:
    case Phase::kStarting:
    case Phase::kRunning:
    case Phase::kStopping:
      m.phase = Phase::kStopping;
      return {{ActionKind::kCancelTimer}, {ActionKind::kKillAll}};
  }
  return {};
}

Actions on_rejoin(Machine& m) {
  if (m.phase != Phase::kRunning) {
    return {};
  }
  m.rejoining = true;
  m.phase = Phase::kStopping;
  return {{ActionKind::kSignalStop}, {ActionKind::kArmGrace, m.grace}};
}

Actions on_unhealthy(Machine& m) {
  const bool allowed = m.policy.max_attempts == 0 || m.attempts < m.policy.max_attempts;
  if (m.phase != Phase::kRunning || !m.wanted || !m.policy.unhealthy || !allowed) {
    return {};
  }
  m.healing = true;
  m.phase = Phase::kStopping;
  return {{ActionKind::kSignalStop}, {ActionKind::kArmGrace, m.grace}};
}

}  // namespace

Nanoseconds backoff(const model::RestartPolicy& policy, int crashes) {
  constexpr int kMostDoublings = 10;  // beyond the longest
  return policy.delay.value_or(std::min(kFirstBackoff * (1 << std::min(crashes, kMostDoublings)), kLongestBackoff));
}

bool restarts_after(const model::RestartPolicy& policy, const MachineEvent& exit, int attempts_so_far) {
  if (policy.max_attempts > 0 && attempts_so_far >= policy.max_attempts) {
    return false;
  }
  switch (policy.mode) {
    case model::RestartMode::kNo:
      return false;
    case model::RestartMode::kAlways:
    case model::RestartMode::kUnlessStopped:
      return true;
    case model::RestartMode::kOnFailure:
      return exit.exit_unknown || exit.exit.code != 0;
  }
  return false;
}

std::vector<Action> step(Machine& machine, const MachineEvent& event, MonotonicTime now) {
  switch (event.kind) {
    case EventKind::kPrepare:
      return on_prepare(machine);
    case EventKind::kPrepared:
      return on_prepared(machine);
    case EventKind::kStart:
      return on_start(machine);
    case EventKind::kStarted:
      return on_started(machine, now);
    case EventKind::kLaunchFailed:
      return on_launch_failed(machine);
    case EventKind::kExited:
      return on_exited(machine, event, now);
    case EventKind::kStop:
      return on_stop(machine, event);
    case EventKind::kKill:
      return on_kill(machine);
    case EventKind::kRejoin:
      return on_rejoin(machine);
    case EventKind::kUnhealthy:
      return on_unhealthy(machine);
    case EventKind::kGraceExpired:
      return machine.phase == Phase::kStopping ? Actions{{ActionKind::kKillAll}} : Actions{};
    case EventKind::kBackoffExpired:
      if (machine.phase != Phase::kBackoff) {
        return {};
      }
      machine.phase = Phase::kPreparing;
      machine.start_when_prepared = true;
      return {{ActionKind::kLaunch}};
  }
  return {};
}

}  // namespace cmp::supervisor
