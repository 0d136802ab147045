#pragma once
// The life of one container as a table: what is (Phase) and what is wanted (`wanted`) are apart; step() is total over
// phases and events, pure, and tells the loop what to do. Restart policy and back-off live here, health does not.

#include <optional>
#include <vector>

#include "base/units.hpp"
#include "model/project.hpp"
#include "sys/process.hpp"

namespace cmp::supervisor {

enum class Phase {
  kIdle,       ///< no process: never started, or ended and not to be started again
  kPreparing,  ///< its init sets itself up
  kPrepared,   ///< waits for its start
  kStarting,   ///< told to exec, not heard back
  kRunning,
  kStopping,  ///< has been told to end
  kBackoff    ///< ended, will be started again at a time
};

enum class EventKind {
  kPrepare,       ///< make its process, up to the exec
  kPrepared,      ///< init says everything but exec is done
  kStart,         ///< exec
  kStarted,       ///< exec has happened
  kLaunchFailed,  ///< init failed, before or at exec
  kExited,        ///< its PID 1 has ended and its output is drained
  kStop,          ///< by a user: end it and keep it ended
  kKill,          ///< by a user: end it at once and keep it ended
  kRejoin,        ///< a namespace it shares has a new owner: end it and start it again
  kUnhealthy,     ///< its health check has failed for good: where its policy says so, end it and start it again
  kGraceExpired,
  kBackoffExpired
};

struct MachineEvent {
  EventKind kind = EventKind::kPrepare;
  sys::ExitStatus exit;              ///< kExited
  bool exit_unknown = false;         ///< kExited: nobody saw how
  std::optional<Nanoseconds> grace;  ///< kStop: overrides the service's
};

enum class ActionKind {
  kLaunch,      ///< clone its init
  kGo,          ///< let it exec
  kSignalStop,  ///< send the stop signal
  kKillAll,     ///< SIGKILL to everything in its cgroup
  kArmGrace,    ///< kGraceExpired after `delay`
  kArmBackoff,  ///< kBackoffExpired after `delay`
  kCancelTimer,
  kTellPrepared,  ///< whoever waits for the preparation
  kTellStarted,
  kTellFailed,  ///< whoever waits for preparation or start: it failed
  kTellStopped  ///< whoever waits for it to end and stay ended
};

struct Action {
  ActionKind kind = ActionKind::kLaunch;
  Nanoseconds delay{0};
  friend bool operator==(const Action&, const Action&) = default;
};

struct Machine {
  model::RestartPolicy policy;
  Nanoseconds grace{std::chrono::seconds(10)};

  Phase phase = Phase::kIdle;
  bool wanted = false;  ///< it is to run, until `stop`
  bool start_when_prepared = false;
  bool rejoining = false;  ///< it ends to be started again at once
  bool healing = false;    ///< it ends because it is unhealthy, to be started again
  int restarts = 0;        ///< since it was last started by a user
  int attempts = 0;        ///< of them, those that count towards the policy's limit
  int crashes = 0;         ///< of them, those since a run that was long enough: the back-off
  MonotonicTime started;
};

/// 100 ms, doubled at each restart up to a minute, and back to 100 ms after ten seconds of running (Docker's rule);
/// where the policy has a delay, that one each time.
inline constexpr Nanoseconds kFirstBackoff = std::chrono::milliseconds(100);
inline constexpr Nanoseconds kLongestBackoff = std::chrono::minutes(1);
inline constexpr Nanoseconds kLongEnough = std::chrono::seconds(10);

/// So many ends in a row, none of them after a run that was long enough, are a crash loop.
inline constexpr int kCrashLoop = 3;

/// Whether the policy starts it again after this exit.
[[nodiscard]] bool restarts_after(const model::RestartPolicy& policy, const MachineEvent& exit, int attempts_so_far);

/// How long to wait before the start that follows so many crashes in a row.
[[nodiscard]] Nanoseconds backoff(const model::RestartPolicy& policy, int crashes);

/// One transition. Events that mean nothing in a phase do nothing.
[[nodiscard]] std::vector<Action> step(Machine& machine, const MachineEvent& event, MonotonicTime now);

}  // namespace cmp::supervisor
