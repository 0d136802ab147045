#include "supervisor/containers.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "engine/grants.hpp"
#include "engine/sharing.hpp"
#include "engine/storage.hpp"
#include "model/namespaces.hpp"
#include "state/why.hpp"
#include "supervisor/launch_failure.hpp"
#include "sys/packet.hpp"

namespace cmp::supervisor {

namespace {

/// The host's init may take this long to reap a process that has become its child.
constexpr Nanoseconds kReapingTime = std::chrono::milliseconds(50);

/// Those of a container that it has volumes from are in use by it as well.
void note_volumes(const std::vector<container::ResolvedMount>& mounts, state::ContainerRecord& record) {
  for (const container::ResolvedMount& resolved : mounts) {
    const std::string& name = resolved.mount.volume_name;
    if (!name.empty() && std::ranges::find(record.local_volumes, name) == record.local_volumes.end()) {
      record.local_volumes.push_back(name);
    }
  }
}

}  // namespace

Container& Containers::add(state::ContainerRecord record) {
  auto container = std::make_unique<Container>();
  container->record = std::move(record);
  container->machine.policy = container->record.service_definition.restart;
  container->machine.grace = container->record.service_definition.stop_grace_period;
  const std::string name = container->record.name;
  return *(containers_[name] = std::move(container));
}

void Containers::erase(const std::string& name) {
  const auto it = containers_.find(name);
  if (it == containers_.end()) {
    return;
  }
  Container& container = *it->second;
  end_probing(container);
  close_outputs(container);
  loop_.cancel(container.timer);
  forget_watches(container);
  loop_.unwatch(container.pidfd.get());
  loop_.unwatch(container.sync.get());
  containers_.erase(it);
}

Container* Containers::find(const std::string& name) {
  const auto it = containers_.find(name);
  return it == containers_.end() ? nullptr : it->second.get();
}

std::vector<const state::ContainerRecord*> Containers::records() const {
  std::vector<const state::ContainerRecord*> out;
  out.reserve(containers_.size());
  for (const auto& [name, container] : containers_) {
    out.push_back(&container->record);
  }
  return out;
}

void Containers::save(Container& container) {
  if (const Status written = state::write_record(context_.paths, container.record); !written) {
    listener_.on_notice(container, written.error().str());
  }
}

void Containers::take_changes(Container& container, const model::Service& before) {
  const model::Service& now = container.record.service_definition;
  container.machine.policy = now.restart;
  container.machine.grace = now.stop_grace_period;
  if (before.healthcheck != now.healthcheck) {
    end_probing(container);
    container.record.health = state::Health::kNone;
    if (container.record.state == state::ContainerState::kRunning) {
      begin_probing(container);
    }
  }
  save(container);
  listener_.on_changed(container);
  tell(container, "update");
}

void Containers::begin_draining(Container& container) {
  container.record.draining = true;
  save(container);
  listener_.on_changed(container);
}

void Containers::dispatch(Container& container, const MachineEvent& event) {
  for (const Action& action : step(container.machine, event, monotonic_now())) {
    perform(container, action);
  }
}

void Containers::perform(Container& container, const Action& action) {
  switch (action.kind) {
    case ActionKind::kLaunch:
      return launch(container);
    case ActionKind::kGo:
      return go(container);
    case ActionKind::kSignalStop:
      return signal_stop(container);
    case ActionKind::kKillAll:
      return kill_all(container);
    case ActionKind::kArmGrace:
      return arm_grace(container, action.delay);
    case ActionKind::kArmBackoff:
      container.record.state = state::ContainerState::kRestarting;
      container.record.restart_count = container.machine.restarts;
      container.record.attempts = container.machine.attempts;
      container.record.crashes = container.machine.crashes;
      container.record.next_start_at = wall_now() + action.delay;
      return arm(container, action.delay, EventKind::kBackoffExpired);
    case ActionKind::kCancelTimer:
      return loop_.cancel(std::exchange(container.timer, 0));
    case ActionKind::kTellPrepared:
      return listener_.on_prepared(container);
    case ActionKind::kTellStarted:
      return started(container);
    case ActionKind::kTellFailed:
      return listener_.on_failed(container);
    case ActionKind::kTellStopped:
      give_up_waiting(container);
      return listener_.on_stopped(container);
  }
}

/// Stopped while it waited for its next start: that does not come.
void Containers::give_up_waiting(Container& container) {
  if (container.record.state == state::ContainerState::kRestarting) {
    container.record.state = state::ContainerState::kExited;
    container.record.stop_requested = true;
    save(container);
    listener_.on_changed(container);
  }
}

void Containers::arm(Container& container, Nanoseconds delay, EventKind event) {
  loop_.cancel(container.timer);
  container.timer = loop_.after(delay, [this, &container, event] {
    container.timer = 0;
    if (event == EventKind::kGraceExpired) {
      container.ending = "(did not end in time: killed)";
      container.record.ended_by = state::EndedBy::kGrace;
    }
    if (event == EventKind::kBackoffExpired && owner_is_coming(container)) {
      return arm(container, kFirstBackoff, event);
    }
    dispatch(container, {.kind = event});
  });
}

void Containers::launch(Container& container) {
  if (Status launched = try_launch(container); !launched) {
    // Not from within the action list of the machine: the failure is an event of its own.
    loop_.defer([this, name = container.record.name, error = std::move(launched).error()] {
      if (Container* found = find(name)) {
        fail(*found, error);
      }
    });
  }
}

Status Containers::try_launch(Container& container) {
  state::ContainerRecord& record = container.record;
  container.network_ready = false;
  container.init_ready = false;
  container.failure.reset();
  container.child_of_guardian = true;
  record.state = state::ContainerState::kCreated;
  if (record.exit || record.exit_unknown || !record.error.empty()) {
    record.last_end = state::end_cause(record);
  }
  record.exit_unknown = false;
  record.ended_by = state::EndedBy::kItself;
  record.oom_killed = false;
  record.memory_peak = 0;
  record.error.clear();
  record.health = state::Health::kNone;
  CMP_CHECK(engine::find_owners(context_, *project_, record));
  // Written down before the process is made: a crash in between leaves a record whose cgroup tells the rest.
  CMP_CHECK(state::write_record(context_.paths, record));
  std::vector<int> streams;
  for (const UniqueFd& stream : container.streams) {
    streams.push_back(stream.get());
  }
  if (record.own_streams) {
    CMP_CHECK(open_logs(container));
  } else if (streams.empty()) {
    return make_error(Code::kUnsupported, "it had the streams of the command that ran it, which has ended");
  }
  const model::Service& service = record.service_definition;
  CMP_TRY(auto granted, engine::granted_files(context_.paths, context_.given, *project_, service));
  CMP_TRY(auto mounts, engine::resolve_mounts(context_.paths, service, record.name));
  note_volumes(mounts, record);
  std::ranges::move(engine::granted_mounts(context_.paths, service, record.name), std::back_inserter(mounts));
  CMP_TRY(auto launched,
          engine::launch(context_, {service, record, std::move(mounts), std::move(granted), std::move(streams)}));
  container.streams.clear();
  record.process = {launched.child.pid, sys::start_ticks(launched.child.pid).value_or(0)};
  record.seccomp = std::move(launched.seccomp);
  container.pidfd = std::move(launched.child.pidfd);
  container.sync = std::move(launched.sync);
  container.out.fifo = std::move(launched.out);
  container.err.fifo = std::move(launched.err);
  save(container);
  start_watching(container);
  return {};
}

void Containers::start_watching(Container& container) {
  // Watching can only fail for want of memory or descriptors; then the container would be lost sight of.
  const auto watch = [&](int fd, EventLoop::Callback callback) {
    if (const Status watched = loop_.watch(fd, EPOLLIN, std::move(callback)); !watched) {
      listener_.on_notice(container, watched.error().str());
    }
  };
  watch(container.pidfd.get(), [this, &container](std::uint32_t) { on_pidfd(container); });
  if (container.sync) {
    watch(container.sync.get(), [this, &container](std::uint32_t) { read_sync(container); });
  }
  watch_output(container, container.out);
  watch_output(container, container.err);
}

void Containers::read_sync(Container& container) {
  auto packet = sys::receive_packet_and_fd(container.sync.get());
  if (!packet || packet->text.empty()) {
    return on_sync_closed(container);
  }
  const auto report = init::decode(packet->text);
  if (!report) {
    return fail(container, report.error());
  }
  on_report(container, *report, std::move(packet->attached));
}

void Containers::on_report(Container& container, const init::Report& report, UniqueFd attached) {
  switch (report.type) {
    case init::Message::kNamespaces:
      return on_namespaces(container);
    case init::Message::kTerminal:
      return take_terminal(container, std::move(attached));
    case init::Message::kPrepared:
      container.init_ready = true;
      return maybe_prepared(container);
    case init::Message::kFailed:
      container.record.exit = sys::ExitStatus{.code = report.exit_code};
      return fail(container, Error(report.error).at(place_of_failure(container.record.service_definition, report)));
    case init::Message::kGo:
    case init::Message::kReached:  // only bundles of `cmp oci` have a rendezvous
      return;
  }
}

void Containers::on_namespaces(Container& container) {
  const state::ContainerRecord& record = container.record;
  if (model::namespace_mode(record.service_definition.network_mode).own()) {
    if (auto attached = engine::attach_network(context_, record, record.process.pid); !attached) {
      // It has failed since and is going, its namespaces first: what it says of that comes next on the same socket.
      if (attached.error().os_errno == ENOENT || sys::has_exited(container.pidfd.get())) {
        return;
      }
      return fail(container, std::move(attached).error().context("network"));
    }
    listener_.on_network(container, true);
  }
  container.network_ready = true;
  maybe_prepared(container);
}

void Containers::maybe_prepared(Container& container) {
  if (container.network_ready && container.init_ready) {
    dispatch(container, {.kind = EventKind::kPrepared});
  }
}

void Containers::on_sync_closed(Container& container) {
  loop_.unwatch(container.sync.get());
  container.sync.reset();
  // Closed by the exec: the program runs. Closed earlier: the process has died, and its exit will tell.
  if (container.machine.phase == Phase::kStarting && !container.failure) {
    dispatch(container, {.kind = EventKind::kStarted});
  }
}

void Containers::fail(Container& container, Error error) {
  const std::string noun = fmt::format("service '{}'", container.record.service);
  // What the service's own definition is to blame for names it already.
  container.failure = error.message.starts_with(noun) ? std::move(error) : std::move(error).context(noun);
  container.record.error = container.failure->message;
  container.record.state = state::ContainerState::kExited;
  container.record.finished_at = wall_now();
  dispatch(container, {.kind = EventKind::kLaunchFailed});
  save(container);
  listener_.on_changed(container);
}

void Containers::go(Container& container) {
  container.released = wall_now();
  if (const Status sent = engine::go(container.sync.get()); !sent) {
    // The process is gone; its exit is on the way and tells the rest.
    listener_.on_notice(container, sent.error().str());
  }
}

void Containers::started(Container& container) {
  if (container.record.state != state::ContainerState::kRunning) {
    container.record.state = state::ContainerState::kRunning;
    container.record.started_at = wall_now();
    container.record.exit.reset();
    container.record.restart_count = container.machine.restarts;
    container.record.attempts = container.machine.attempts;
    container.record.crashes = container.machine.crashes;
    begin_probing(container);
    save(container);
    listener_.on_changed(container);
    tell(container, "start");
    follow_owners(container);
    rejoin_sharers();
  }
  listener_.on_started(container);
}

void Containers::on_pidfd(Container& container) {
  loop_.unwatch(container.pidfd.get());
  if (!container.child_of_guardian) {
    ask_kernel_for_exit(container, monotonic_now() + kReapingTime);
  }
}

/// The kernel tells how a process of somebody else's has ended only once that somebody has reaped it.
void Containers::ask_kernel_for_exit(Container& container, MonotonicTime until) {
  const auto exit = sys::exit_status_of_reaped(container.pidfd.get());
  if (exit || monotonic_now() > until) {
    return on_exit(container, exit);
  }
  loop_.after(std::chrono::milliseconds(1), [this, name = container.record.name, until] {
    if (Container* const found = find(name); found != nullptr && found->pidfd) {
      ask_kernel_for_exit(*found, until);
    }
  });
}

bool Containers::on_reaped(pid_t pid, int wait_status) {
  for (auto& [name, container] : containers_) {
    // A pid can come again; the pidfd says whether it was this process.
    if (container->record.process.pid == pid && container->pidfd && sys::has_exited(container->pidfd.get())) {
      on_exit(*container, sys::decode_wait_status(wait_status));
      return true;
    }
  }
  return false;
}

}  // namespace cmp::supervisor
