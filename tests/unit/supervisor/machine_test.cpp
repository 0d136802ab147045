#include "supervisor/machine.hpp"

#include <algorithm>
#include <optional>

#include <doctest/doctest.h>

#include "supervisor/health.hpp"

namespace {

using namespace cmp;              // NOLINT(google-build-using-namespace): a test of these
using namespace cmp::supervisor;  // NOLINT(google-build-using-namespace)
using std::chrono::milliseconds;
using std::chrono::seconds;

const MonotonicTime kStart = MonotonicTime() + std::chrono::hours(1);

std::vector<ActionKind> kinds(const std::vector<Action>& actions) {
  std::vector<ActionKind> out;
  for (const Action& action : actions) {
    out.push_back(action.kind);
  }
  return out;
}

void feed(Machine& machine, const MachineEvent& event, MonotonicTime now) {
  static_cast<void>(step(machine, event, now));
}

Machine running_machine(model::RestartMode mode = model::RestartMode::kNo) {
  Machine machine;
  machine.policy.mode = mode;
  feed(machine, {.kind = EventKind::kPrepare}, kStart);
  feed(machine, {.kind = EventKind::kPrepared}, kStart);
  feed(machine, {.kind = EventKind::kStart}, kStart);
  feed(machine, {.kind = EventKind::kStarted}, kStart);
  return machine;
}

MachineEvent exited(int code) {
  return {.kind = EventKind::kExited, .exit = {.code = code}};
}

TEST_CASE("a container is prepared, then started when it is told to") {
  Machine machine;
  CHECK(kinds(step(machine, {.kind = EventKind::kPrepare}, kStart)) == std::vector{ActionKind::kLaunch});
  CHECK(kinds(step(machine, {.kind = EventKind::kPrepared}, kStart)) == std::vector{ActionKind::kTellPrepared});
  CHECK(machine.phase == Phase::kPrepared);
  CHECK(kinds(step(machine, {.kind = EventKind::kStart}, kStart)) == std::vector{ActionKind::kGo});
  CHECK(kinds(step(machine, {.kind = EventKind::kStarted}, kStart)) == std::vector{ActionKind::kTellStarted});
  CHECK(machine.phase == Phase::kRunning);
}

TEST_CASE("every event in every phase leads to a phase that exists, and stopping always ends") {
  for (int phase = 0; phase <= static_cast<int>(Phase::kBackoff); ++phase) {
    for (int event = 0; event <= static_cast<int>(EventKind::kBackoffExpired); ++event) {
      Machine machine;
      machine.phase = static_cast<Phase>(phase);
      machine.wanted = true;
      feed(machine, {.kind = static_cast<EventKind>(event)}, kStart);
      CHECK(machine.phase <= Phase::kBackoff);
      feed(machine, {.kind = EventKind::kStop}, kStart);
      feed(machine, exited(0), kStart);
      CHECK(machine.phase == Phase::kIdle);
      CHECK_FALSE(machine.wanted);
    }
  }
}

TEST_CASE("a container whose shared namespace was made anew ends, and is started again at once, whatever its policy") {
  Machine machine = running_machine(model::RestartMode::kNo);
  CHECK(kinds(step(machine, {.kind = EventKind::kRejoin}, kStart)) ==
        std::vector{ActionKind::kSignalStop, ActionKind::kArmGrace});
  const auto actions = step(machine, exited(143), kStart);
  CHECK(kinds(actions) == std::vector{ActionKind::kCancelTimer, ActionKind::kKillAll, ActionKind::kArmBackoff});
  CHECK(actions.back().delay == Nanoseconds(0));
  CHECK(machine.restarts == 0);
  feed(machine, {.kind = EventKind::kBackoffExpired}, kStart);
  CHECK(machine.phase == Phase::kPreparing);
  CHECK(machine.start_when_prepared);
}

TEST_CASE("a stop while it is ending to join anew keeps it ended") {
  Machine machine = running_machine(model::RestartMode::kAlways);
  feed(machine, {.kind = EventKind::kRejoin}, kStart);
  feed(machine, {.kind = EventKind::kStop}, kStart);
  feed(machine, exited(143), kStart);
  CHECK(machine.phase == Phase::kIdle);
}

TEST_CASE("the restart policy decides after an exit") {
  struct Row {
    model::RestartMode mode;
    int code;
    bool again;
  };

  for (const Row& row : {Row{model::RestartMode::kNo, 1, false}, Row{model::RestartMode::kAlways, 0, true},
                         Row{model::RestartMode::kOnFailure, 0, false}, Row{model::RestartMode::kOnFailure, 1, true},
                         Row{model::RestartMode::kUnlessStopped, 0, true}}) {
    Machine machine = running_machine(row.mode);
    feed(machine, exited(row.code), kStart + seconds(1));
    CHECK((machine.phase == Phase::kBackoff) == row.again);
  }
}

TEST_CASE("on-failure gives up after its number of attempts") {
  Machine machine = running_machine(model::RestartMode::kOnFailure);
  machine.policy.max_attempts = 2;
  for (int attempt = 0; attempt < 2; ++attempt) {
    feed(machine, exited(1), kStart);
    REQUIRE(machine.phase == Phase::kBackoff);
    feed(machine, {.kind = EventKind::kBackoffExpired}, kStart);
    feed(machine, {.kind = EventKind::kPrepared}, kStart);
    feed(machine, {.kind = EventKind::kStarted}, kStart);
  }
  feed(machine, exited(1), kStart);
  CHECK(machine.phase == Phase::kIdle);
}

TEST_CASE("the back-off doubles up to a minute, and starts anew after ten seconds of running") {
  Machine machine = running_machine(model::RestartMode::kAlways);
  std::vector<Nanoseconds> delays;
  for (int i = 0; i < 12; ++i) {
    for (const Action& action : step(machine, exited(1), kStart)) {
      if (action.kind == ActionKind::kArmBackoff) {
        delays.push_back(action.delay);
      }
    }
    feed(machine, {.kind = EventKind::kBackoffExpired}, kStart);
    feed(machine, {.kind = EventKind::kPrepared}, kStart);
    feed(machine, {.kind = EventKind::kStarted}, kStart);
  }
  CHECK(delays[0] == milliseconds(100));
  CHECK(delays[1] == milliseconds(200));
  CHECK(delays[11] == kLongestBackoff);
  const auto actions = step(machine, exited(1), kStart + seconds(11));
  CHECK(actions.back().delay == kFirstBackoff);
}

/// The delay before the start that follows an exit; nothing if there is none. The container runs again after it.
std::optional<Nanoseconds> delay_after(Machine& machine, const MachineEvent& event, MonotonicTime now) {
  std::optional<Nanoseconds> delay;
  for (const Action& action : step(machine, event, now)) {
    if (action.kind == ActionKind::kArmBackoff) {
      delay = action.delay;
    }
  }
  feed(machine, {.kind = EventKind::kBackoffExpired}, now);
  feed(machine, {.kind = EventKind::kPrepared}, now);
  feed(machine, {.kind = EventKind::kStarted}, now);
  return delay;
}

TEST_CASE("deploy.restart_policy: a delay of its own, and a window after which attempts count anew") {
  Machine machine = running_machine(model::RestartMode::kAlways);
  machine.policy.delay = seconds(3);
  machine.policy.max_attempts = 2;
  machine.policy.window = seconds(5);
  CHECK(delay_after(machine, exited(0), kStart) == seconds(3));
  CHECK(delay_after(machine, exited(0), kStart) == seconds(3));
  SUBCASE("too short to count as a success") {
    CHECK_FALSE(delay_after(machine, exited(0), kStart + seconds(4)));
    CHECK(machine.phase == Phase::kIdle);
  }
  SUBCASE("long enough") {
    CHECK(delay_after(machine, exited(0), kStart + seconds(6)) == seconds(3));
    CHECK(machine.restarts == 3);
    CHECK(machine.attempts == 1);
  }
}

TEST_CASE("crashes in a row are counted, and a long run ends the row") {
  Machine machine = running_machine(model::RestartMode::kAlways);
  for (int i = 0; i < kCrashLoop; ++i) {
    static_cast<void>(delay_after(machine, exited(1), kStart));
  }
  CHECK(machine.crashes == kCrashLoop);
  static_cast<void>(delay_after(machine, exited(1), kStart + seconds(11)));
  CHECK(machine.crashes == 1);
  CHECK(machine.restarts == kCrashLoop + 1);
}

TEST_CASE("an unhealthy container is ended and started again where its policy says so, whatever it exits with") {
  Machine machine = running_machine(model::RestartMode::kNo);
  CHECK(step(machine, {.kind = EventKind::kUnhealthy}, kStart).empty());
  machine.policy.unhealthy = true;
  CHECK(kinds(step(machine, {.kind = EventKind::kUnhealthy}, kStart)) ==
        std::vector{ActionKind::kSignalStop, ActionKind::kArmGrace});
  SUBCASE("with the back-off of a crash") {
    CHECK(delay_after(machine, exited(0), kStart) == kFirstBackoff);
    CHECK(machine.phase == Phase::kRunning);
    CHECK_FALSE(machine.healing);
  }
  SUBCASE("a stop meanwhile keeps it ended") {
    feed(machine, {.kind = EventKind::kStop}, kStart);
    CHECK_FALSE(delay_after(machine, exited(0), kStart));
    CHECK(machine.phase == Phase::kIdle);
  }
  SUBCASE("not more often than its policy allows") {
    machine.policy.max_attempts = 1;
    static_cast<void>(delay_after(machine, exited(0), kStart));
    CHECK(step(machine, {.kind = EventKind::kUnhealthy}, kStart).empty());
    CHECK(machine.phase == Phase::kRunning);
  }
}

TEST_CASE("a stopped container is not brought back by any policy") {
  Machine machine = running_machine(model::RestartMode::kAlways);
  CHECK(kinds(step(machine, {.kind = EventKind::kStop}, kStart)) ==
        std::vector{ActionKind::kSignalStop, ActionKind::kArmGrace});
  CHECK(kinds(step(machine, {.kind = EventKind::kGraceExpired}, kStart)) == std::vector{ActionKind::kKillAll});
  feed(machine, exited(137), kStart);
  CHECK(machine.phase == Phase::kIdle);
}

TEST_CASE("a stop during the preparation kills at once and tells whoever waits for either") {
  Machine machine;
  feed(machine, {.kind = EventKind::kPrepare}, kStart);
  CHECK(kinds(step(machine, {.kind = EventKind::kStop}, kStart)) == std::vector{ActionKind::kKillAll});
  const auto told = kinds(step(machine, exited(137), kStart));
  CHECK(std::count(told.begin(), told.end(), ActionKind::kTellFailed) == 1);
  CHECK(std::count(told.begin(), told.end(), ActionKind::kTellStopped) == 1);
}

TEST_CASE("a launch that failed is not tried again, whatever the policy") {
  Machine machine;
  machine.policy.mode = model::RestartMode::kAlways;
  feed(machine, {.kind = EventKind::kStart}, kStart);
  feed(machine, {.kind = EventKind::kLaunchFailed}, kStart);
  CHECK(machine.phase == Phase::kIdle);
}

TEST_CASE("probes come quickly until the first success, and then every interval") {
  model::HealthCheck check;
  check.test = {"CMD", "true"};
  check.interval = seconds(30);
  HealthState state = begin_health(kStart);
  CHECK(on_probe_result(state, check, false, kStart) == milliseconds(10));
  CHECK(on_probe_result(state, check, false, kStart + milliseconds(10)) == milliseconds(20));
  CHECK(state.health == state::Health::kStarting);
  CHECK(on_probe_result(state, check, true, kStart + milliseconds(30)) == seconds(30));
  CHECK(state.health == state::Health::kHealthy);
}

TEST_CASE("early failures never make a service unhealthy sooner than its interval would") {
  model::HealthCheck check;
  check.test = {"CMD", "false"};
  check.interval = seconds(2);
  check.retries = 2;
  HealthState state = begin_health(kStart);
  MonotonicTime now = kStart;
  while (now < kStart + milliseconds(3900)) {
    now += on_probe_result(state, check, false, now);
    CHECK(state.health == state::Health::kStarting);
  }
  while (state.health == state::Health::kStarting) {
    now += on_probe_result(state, check, false, now);
    REQUIRE(now < kStart + seconds(10));
  }
  CHECK(state.health == state::Health::kUnhealthy);
}

TEST_CASE("failures in the start period do not count") {
  model::HealthCheck check;
  check.test = {"CMD", "false"};
  check.interval = milliseconds(100);
  check.start_period = seconds(5);
  check.retries = 1;
  HealthState state = begin_health(kStart);
  for (MonotonicTime now = kStart; now < kStart + seconds(5); now += milliseconds(100)) {
    static_cast<void>(on_probe_result(state, check, false, now));
    CHECK(state.health == state::Health::kStarting);
  }
  static_cast<void>(on_probe_result(state, check, false, kStart + seconds(6)));
  CHECK(state.health == state::Health::kUnhealthy);
}

}  // namespace
