// The part of Containers that ends them: the stop signal, patience, and SIGKILL for all.

#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "supervisor/containers.hpp"

namespace cmp::supervisor {

namespace {

int stop_signal_of(const Container& container) {
  const std::string& name = container.record.service_definition.stop_signal;
  return sys::parse_signal(name.empty() ? "SIGTERM" : name).value_or(SIGTERM);
}

}  // namespace

/// A frozen process can't end.
void Containers::thaw(Container& container) {
  if (container.record.state == state::ContainerState::kPaused) {
    if (const Status thawed = freeze(container, false); !thawed) {
      listener_.on_notice(container, thawed.error().str());
    }
  }
}

void Containers::signal_stop(Container& container) {
  thaw(container);
  const int number = stop_signal_of(container);
  const Machine& machine = container.machine;
  container.record.stop_requested = !machine.wanted;
  container.record.ended_by = machine.healing     ? state::EndedBy::kUnhealthy
                              : machine.rejoining ? state::EndedBy::kOwner
                                                  : state::EndedBy::kStop;
  container.ending.clear();
  // The kernel drops a signal that PID 1 of a namespace has no handler for: waiting would only waste the user's time.
  if (!sys::signal_arrives(container.record.process.pid, number)) {
    container.ending = fmt::format("no handler for {}", sys::signal_name(number));
    if (container.record.ended_by == state::EndedBy::kStop) {
      container.record.ended_by = state::EndedBy::kDeaf;
    }
    save(container);
    return kill_all(container);
  }
  save(container);
  static_cast<void>(sys::send_signal(container.pidfd.get(), number));
  tell(container, "kill");
}

Status Containers::freeze(Container& container, bool frozen) {
  CMP_CHECK(cgroup::freeze(context_.cgroups, {container.record.cgroup}, frozen).context(container.record.name));
  container.record.state = frozen ? state::ContainerState::kPaused : state::ContainerState::kRunning;
  save(container);
  listener_.on_changed(container);
  tell(container, frozen ? "pause" : "unpause");
  return {};
}

/// After a fifth of its time who waits is told whom for, and how long.
void Containers::arm_grace(Container& container, Nanoseconds grace) {
  arm(container, grace, EventKind::kGraceExpired);
  loop_.cancel(std::exchange(container.patience, 0));
  if (grace < std::chrono::seconds(1) || !container.ending.empty()) {
    return;
  }
  const Nanoseconds patience = grace / 5;
  container.patience = loop_.after(patience, [this, &container, left = grace - patience] {
    container.patience = 0;
    const int number = stop_signal_of(container);
    // A reaper listens to everything; what is behind it is not looked at.
    const bool handled =
        container.record.service_definition.init || sys::handles_signal(container.record.process.pid, number);
    listener_.on_slow_stop(container,
                           fmt::format("({} {}: killed in {:.0f} s)", handled ? "does not end on" : "ignores",
                                       sys::signal_name(number), std::chrono::duration<double>(left).count()));
  });
}

void Containers::kill_all(Container& container) {
  thaw(container);
  if (const Status killed = cgroup::kill_all(context_.cgroups, {container.record.cgroup}); !killed) {
    listener_.on_notice(container, killed.error().str());
  }
  // Also the process itself: killed before it had joined its cgroup, it would not be in there.
  if (container.pidfd) {
    static_cast<void>(sys::send_signal(container.pidfd.get(), SIGKILL));
  }
}

}  // namespace cmp::supervisor
