// The part of Containers that asks services for their health.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "engine/exec.hpp"
#include "supervisor/containers.hpp"
#include "sys/file.hpp"
#include "sys/pipe.hpp"

namespace cmp::supervisor {

namespace {

constexpr int kNoExit = -1;
constexpr std::size_t kMostOutput = 4096;

/// healthcheck.test as an argument list (spec: healthcheck): CMD is a list already, CMD-SHELL goes to the shell.
std::vector<std::string> probe_command(const model::HealthCheck& check) {
  std::vector<std::string> argv(check.test.begin() + 1, check.test.end());
  if (check.test.front() == "CMD-SHELL") {
    argv.insert(argv.begin(), {"/bin/sh", "-c"});
  }
  return argv;
}

}  // namespace

void Containers::begin_probing(Container& container) {
  if (!container.record.service_definition.healthcheck.enabled()) {
    return;
  }
  container.health = begin_health(monotonic_now());
  container.record.health = state::Health::kStarting;
  container.record.failing_streak = 0;
  container.record.probes.clear();
  ask_readiness(container);
  schedule_probe(container, Nanoseconds(0));
}

/// cmp's own checks, if it has any.
void Containers::ask_readiness(Container& container) {
  if (!container.record.service_definition.healthcheck.ready.empty()) {
    container.readiness = std::make_unique<Readiness>(loop_, context_.paths, container.record, container.released,
                                                      [this, &container] { hurry_probe(container); });
  }
}

/// What has just happened may be what is waited for.
void Containers::hurry_probe(Container& container) {
  const bool waits = container.probe.timer != 0 && !container.probe.pidfd;
  if (waits && container.health && container.health->health != state::Health::kHealthy) {
    loop_.cancel(container.probe.timer);
    schedule_probe(container, Nanoseconds(0));
  }
}

void Containers::end_probing(Container& container) {
  container.health.reset();
  container.readiness.reset();
  if (container.probe.pidfd) {
    static_cast<void>(sys::send_signal(container.probe.pidfd.get(), SIGKILL));
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(container.probe.pidfd.get()), &info, WEXITED);
  }
  close_probe(container);
}

void Containers::close_probe(Container& container) {
  Probe& probe = container.probe;
  loop_.cancel(std::exchange(probe.timer, 0));
  for (UniqueFd* const fd : {&probe.pidfd, &probe.output}) {
    if (*fd) {
      loop_.unwatch(fd->get());
      fd->reset();
    }
  }
  probe.sync.reset();
}

void Containers::schedule_probe(Container& container, Nanoseconds delay) {
  container.probe.timer = loop_.after(delay, [this, &container] {
    container.probe.timer = 0;
    run_probe(container);
  });
}

void Containers::run_probe(Container& container) {
  if (container.record.state == state::ContainerState::kPaused) {
    // A probe would be frozen with it.
    return schedule_probe(container, container.record.service_definition.healthcheck.interval);
  }
  const model::HealthCheck& check = container.record.service_definition.healthcheck;
  container.probe.record = {.start = wall_now(), .end = {}, .exit_code = kNoExit, .output = {}};
  if (!container.readiness) {
    return run_test(container);
  }
  container.readiness->ask(check.timeout, [this, &container](const std::string& failed) {
    if (failed.empty() && container.record.service_definition.healthcheck.has_test()) {
      return run_test(container);
    }
    container.probe.record.output = failed;
    conclude_probe(container, failed.empty() ? 0 : 1);
  });
}

void Containers::run_test(Container& container) {
  if (const Status started = start_probe(container); !started) {
    container.probe.record.output = Error(started.error()).context("health probe").str();
    conclude_probe(container, kNoExit);
  }
}

Status Containers::start_probe(Container& container) {
  Probe& probe = container.probe;
  const model::HealthCheck& check = container.record.service_definition.healthcheck;
  CMP_TRY(const UniqueFd null, sys::open_file("/dev/null", O_RDONLY));
  CMP_TRY(auto pipe, sys::open_pipe());
  ::fcntl(pipe.read.get(), F_SETFL, O_NONBLOCK);
  const int out = pipe.write.get();
  CMP_TRY(auto running, engine::exec_in_container(container.record, {.argv = probe_command(check)},
                                                  {.sync = -1, .in = null.get(), .out = out, .err = out}));
  probe.pidfd = std::move(running.child.pidfd);
  probe.sync = std::move(running.sync);
  probe.output = std::move(pipe.read);
  probe.timer = loop_.after(check.timeout, [this, &container] {
    container.probe.timer = 0;
    on_probe_exit(container, true);
  });
  CMP_CHECK(loop_.watch(probe.output.get(), EPOLLIN, [this, &container](std::uint32_t) { read_probe(container); }));
  return loop_.watch(probe.pidfd.get(), EPOLLIN,
                     [this, &container](std::uint32_t) { on_probe_exit(container, false); });
}

/// Takes what is there, so that a probe that writes much does not block, and keeps the beginning.
void Containers::read_probe(Container& container) {
  Probe& probe = container.probe;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while (probe.output && (got = ::read(probe.output.get(), buffer.data(), buffer.size())) > 0) {
    const std::size_t room = kMostOutput - std::min(kMostOutput, probe.record.output.size());
    probe.record.output.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }
  if (got == 0) {
    loop_.unwatch(probe.output.get());
  }
}

void Containers::on_probe_exit(Container& container, bool timed_out) {
  Probe& probe = container.probe;
  if (timed_out) {
    static_cast<void>(sys::send_signal(probe.pidfd.get(), SIGKILL));
  }
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(probe.pidfd.get()), &info, WEXITED);
  read_probe(container);
  close_probe(container);
  if (timed_out) {
    probe.record.output += "cmp: the probe exceeded its timeout";
  }
  constexpr int kSignalled = 128;
  conclude_probe(container, timed_out                    ? kNoExit
                            : info.si_code == CLD_EXITED ? info.si_status
                                                         : kSignalled + info.si_status);
}

void Containers::conclude_probe(Container& container, int exit_code) {
  if (!container.health) {
    return;
  }
  state::ContainerRecord& record = container.record;
  container.probe.record.end = wall_now();
  container.probe.record.exit_code = exit_code;
  const bool repeats = repeats_last_probe(container);
  if (repeats) {
    record.probes.pop_back();
  }
  record.probes.push_back(std::move(container.probe.record));
  if (record.probes.size() > state::kKeptProbes) {
    record.probes.erase(record.probes.begin());
  }
  const Nanoseconds delay =
      on_probe_result(*container.health, record.service_definition.healthcheck, exit_code == 0, monotonic_now());
  const bool counted = record.failing_streak != container.health->failing_streak;
  record.failing_streak = container.health->failing_streak;
  const bool changed = record.health != container.health->health;
  record.health = container.health->health;
  if (changed || counted || !repeats) {
    save(container);
  }
  if (changed) {
    tell(container, fmt::format("health_status: {}", state::to_string(record.health)));
    listener_.on_changed(container);
  }
  // The listener may have stopped it.
  if (container.health) {
    schedule_probe(container, delay);
  }
  if (container.health && record.health == state::Health::kUnhealthy) {
    dispatch(container, {.kind = EventKind::kUnhealthy});
  }
}

/// cmp's own checks are asked so often before they hold that not each is worth a write.
bool Containers::repeats_last_probe(const Container& container) const {
  const auto& probes = container.record.probes;
  const state::ProbeRecord& last = container.probe.record;
  return container.readiness && !probes.empty() && last.exit_code != 0 && probes.back().exit_code == last.exit_code &&
         probes.back().output == last.output;
}

}  // namespace cmp::supervisor
