// The part of Containers that hears how a container's process has ended.

#include <fmt/core.h>

#include "supervisor/containers.hpp"
#include "supervisor/launch_failure.hpp"
#include "sys/packet.hpp"

namespace cmp::supervisor {

namespace {

/// Stopped before its program ran: what its last run has ended with stays.
bool is_called_off(const Container& container) {
  return container.machine.phase == Phase::kStopping && container.record.state == state::ContainerState::kCreated &&
         !container.failure;
}

/// What its end means for one whose program has not been started: killed from outside, or called off.
void judge_early_end(Container& container) {
  state::ContainerRecord& record = container.record;
  const Phase phase = container.machine.phase;
  const bool awaited = phase == Phase::kPreparing || phase == Phase::kPrepared || phase == Phase::kStarting;
  if (awaited && !container.failure) {
    container.failure = killed_early(record).context(fmt::format("service '{}'", record.service));
    record.error = container.failure->message;
  }
  // One that was called off before its program ran for the first time has never left its first state.
  const bool never_ran = is_called_off(container) && record.started_at == WallTime();
  record.state = never_ran ? state::ContainerState::kCreated : state::ContainerState::kExited;
}

}  // namespace

void Containers::on_exit(Container& container, std::optional<sys::ExitStatus> exit) {
  state::ContainerRecord& record = container.record;
  // The last words of init may still be unread, more than one of them: they say why.
  while (container.sync && !container.failure && container.machine.phase != Phase::kStopping &&
         sys::has_packet(container.sync.get())) {
    read_sync(container);
  }
  loop_.unwatch(container.sync.get());
  container.sync.reset();
  loop_.unwatch(container.pidfd.get());
  container.pidfd.reset();
  forget_watches(container);
  drain(container.out);
  drain(container.err);
  end_probing(container);
  listener_.on_network(container, false);
  record.process = {};
  record.finished_at = wall_now();
  if (is_called_off(container)) {
    record.exit_unknown = !record.exit && record.started_at != WallTime();
  } else if (!container.failure) {
    record.exit = exit;
    record.exit_unknown = !exit.has_value();
  }
  const auto usage = cgroup::usage(context_.cgroups, {record.cgroup});
  record.oom_killed = usage && usage->oom_kills > 0;
  record.memory_peak = usage ? usage->memory_peak_bytes : 0;
  judge_early_end(container);
  dispatch(container, {.kind = EventKind::kExited, .exit = exit.value_or(sys::ExitStatus()), .exit_unknown = !exit});
  after_exit(container);
}

void Containers::after_exit(Container& container) {
  if (container.record.oom_killed) {
    tell(container, "oom");
  }
  tell(container, "die");
  // Whatever it had started and left behind has been killed by now: nothing more can come.
  close_outputs(container);
  save(container);
  listener_.on_changed(container);
}

}  // namespace cmp::supervisor
