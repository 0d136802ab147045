// The part of Containers that takes over what an earlier supervisor has left.

#include <unistd.h>

#include <fmt/core.h>

#include "engine/launch.hpp"
#include "supervisor/containers.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

/// The parent of a process: field 4 of /proc/PID/stat.
pid_t parent_of(pid_t pid) {
  const auto stat = sys::read_file(fmt::format("/proc/{}/stat", pid));
  int parent = 0;
  if (stat) {
    const auto end_of_name = stat->rfind(')');
    std::sscanf(stat->c_str() + end_of_name + 1, " %*c %d", &parent);  // NOLINT(cert-err34-c): 0 if it fails
  }
  return parent;
}

/// Of whoever was killed between writing a file and renaming it to its place.
void remove_unfinished(const std::string& directory) {
  const auto names = sys::list_directory(directory);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    if (name.ends_with(".tmp")) {
      static_cast<void>(sys::remove_tree(fmt::format("{}/{}", directory, name)));
    }
  }
}

}  // namespace

void Containers::open_processes() {
  remove_unfinished(context_.paths.containers_dir());
  remove_unfinished(context_.paths.networks_dir());
  for (auto& [name, container] : containers_) {
    remove_unfinished(context_.paths.container_run_dir(name));
    container->pidfd = sys::open_same_process(container->record.process).value_or(UniqueFd());
  }
}

void Containers::adopt_output(Container& container, Kept& kept) {
  if (!container.record.own_streams) {
    return;
  }
  if (const Status opened = open_logs(container); !opened) {
    listener_.on_notice(container, opened.error().str());
  }
  auto output = engine::reopen_output(context_, container.record);
  if (!output) {
    return listener_.on_notice(container, output.error().str());
  }
  container.out.fifo = std::move(output->out);
  container.err.fifo = std::move(output->err);
  const auto terminal = kept.held.find(container.record.name);
  if (terminal != kept.held.end()) {
    container.out.fifo = std::move(terminal->second);
    container.out.terminal = true;
  }
}

void Containers::adopt(Container& container, Kept& kept) {
  const auto& exits = kept.exits;
  state::ContainerRecord& record = container.record;
  container.machine.restarts = record.restart_count;
  container.machine.attempts = record.attempts;
  container.machine.crashes = record.crashes;
  container.machine.wanted = !record.stop_requested;
  if (record.state == state::ContainerState::kRestarting) {
    container.machine.phase = Phase::kBackoff;
    return arm(container, std::max(Nanoseconds(0), Nanoseconds(record.next_start_at - wall_now())),
               EventKind::kBackoffExpired);
  }
  if (record.state == state::ContainerState::kCreated) {
    // Its init, if it still waits, hears nothing any more and ends by itself; it has not run anything of the user's.
    static_cast<void>(cgroup::kill_all(context_.cgroups, {record.cgroup}));
    record.process = {};
    container.pidfd.reset();
    return save(container);
  }
  if (record.process.pid == 0) {
    return;
  }
  const auto exit = exits.find(record.process.pid);
  // One that has ended and whose exit is neither known nor reaped yet is watched like a living one: the news will come.
  if (container.pidfd && exit == exits.end()) {
    return adopt_running(container, kept);
  }
  adopt_output(container, kept);
  container.machine.phase = Phase::kRunning;
  on_exit(container, exit == exits.end() ? std::nullopt : std::optional(sys::decode_wait_status(exit->second)));
}

void Containers::adopt_running(Container& container, Kept& kept) {
  state::ContainerRecord& record = container.record;
  container.machine.phase = Phase::kRunning;
  container.machine.started = monotonic_now() - Nanoseconds(wall_now() - record.started_at);
  container.child_of_guardian = parent_of(record.process.pid) == ::getppid();
  adopt_output(container, kept);
  start_watching(container);
  follow_owners(container);
  listener_.on_network(container, true);
  if (record.service_definition.healthcheck.enabled()) {
    container.health = begin_health(container.machine.started);
    // It goes on from what is known: a healthy service does not become "starting" because we were away.
    container.health->health = record.health;
    // What it had written before it was seen to run is of this run, too.
    constexpr Nanoseconds kEarly = std::chrono::milliseconds(50);
    container.released = record.started_at - kEarly;
    ask_readiness(container);
    schedule_probe(container, Nanoseconds(0));
  }
  if (record.stop_requested) {
    dispatch(container, {.kind = EventKind::kStop});
  }
}

}  // namespace cmp::supervisor
