// The part of Containers that asks services for their health.

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <csignal>
#include <utility>

#include "engine/exec.hpp"
#include "supervisor/containers.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

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
  schedule_probe(container, Nanoseconds(0));
}

void Containers::end_probing(Container& container) {
  container.health.reset();
  loop_.cancel(std::exchange(container.probe.timer, 0));
  if (container.probe.pidfd) {
    loop_.unwatch(container.probe.pidfd.get());
    static_cast<void>(sys::send_signal(container.probe.pidfd.get(), SIGKILL));
    siginfo_t info{};
    ::waitid(P_PIDFD, static_cast<id_t>(container.probe.pidfd.get()), &info, WEXITED);
    container.probe.pidfd.reset();
  }
}

void Containers::schedule_probe(Container& container, Nanoseconds delay) {
  container.probe.timer = loop_.after(delay, [this, &container] {
    container.probe.timer = 0;
    run_probe(container);
  });
}

void Containers::run_probe(Container& container) {
  const model::HealthCheck& check = container.record.service_definition.healthcheck;
  const auto null = sys::open_file("/dev/null", O_RDWR);
  if (!null) {
    return on_probe_exit(container, true);
  }
  const int fd = null->get();
  auto probe = engine::exec_in_container(container.record, {.argv = probe_command(check)},
                                         {.sync = -1, .in = fd, .out = fd, .err = fd});
  if (!probe) {
    listener_.on_notice(container, std::move(probe).error().context("health probe").str());
    return on_probe_exit(container, true);
  }
  container.probe.pidfd = std::move(probe->child.pidfd);
  container.probe.sync = std::move(probe->sync);
  container.probe.timer = loop_.after(check.timeout, [this, &container] {
    container.probe.timer = 0;
    on_probe_exit(container, true);
  });
  static_cast<void>(loop_.watch(container.probe.pidfd.get(), EPOLLIN,
                                [this, &container](std::uint32_t) { on_probe_exit(container, false); }));
}

void Containers::on_probe_exit(Container& container, bool timed_out) {
  Probe& probe = container.probe;
  loop_.cancel(std::exchange(probe.timer, 0));
  siginfo_t info{};
  if (probe.pidfd) {
    loop_.unwatch(probe.pidfd.get());
    if (timed_out) {
      static_cast<void>(sys::send_signal(probe.pidfd.get(), SIGKILL));
    }
    ::waitid(P_PIDFD, static_cast<id_t>(probe.pidfd.get()), &info, WEXITED);
    probe.pidfd.reset();
  }
  probe.sync.reset();
  if (!container.health) {
    return;
  }
  const bool success = !timed_out && info.si_code == CLD_EXITED && info.si_status == 0;
  const Nanoseconds delay =
      on_probe_result(*container.health, container.record.service_definition.healthcheck, success, monotonic_now());
  if (container.record.health != container.health->health) {
    container.record.health = container.health->health;
    save(container);
    listener_.on_changed(container);
  }
  // The listener may have stopped it.
  if (container.health) {
    schedule_probe(container, delay);
  }
}

}  // namespace cmp::supervisor
