#include "init/reaper.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>

#include "sys/process.hpp"
#include "sys/stdio.hpp"

namespace cmp::init {

namespace {

/// Reaps whatever is dead; the exit code of `service` once it is among them.
std::optional<int> reap(pid_t service) {
  std::optional<int> code;
  int status = 0;
  for (pid_t pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == service) {
      code = sys::decode_wait_status(status).code;
    }
  }
  return code;
}

sigset_t every_signal() {
  sigset_t all;
  sigfillset(&all);
  return all;
}

}  // namespace

Result<std::optional<pid_t>> split_off_service() {
  const sigset_t all = every_signal();
  // Blocked before there are two processes: none is lost, whenever it arrives.
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  // With pid: host it is not PID 1, and the orphans would be somebody else's.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  CMP_TRY(const sys::Child service, sys::clone_process({}));
  if (service.pid == 0) {
    // In the reaper's session, so that its group is not an orphan's, which the kernel never stops (SIGTSTP).
    ::setpgid(0, 0);
    if (::isatty(STDIN_FILENO) == 1) {
      ::tcsetpgrp(STDIN_FILENO, ::getpid());
    }
    sys::reset_signals();
    return std::optional<pid_t>();
  }
  return std::optional(service.pid);
}

void reap_until_gone(pid_t service) {
  // The other side of the report socket must see end of file when the service has been executed.
  ::syscall(SYS_close_range, 3U, ~0U, 0U);
  const sigset_t all = every_signal();
  for (;;) {
    int signal = 0;
    if (::sigwait(&all, &signal) != 0) {
      continue;
    }
    if (signal != SIGCHLD) {
      ::kill(service, signal);
      continue;
    }
    if (const auto code = reap(service)) {
      ::_exit(*code);
    }
  }
}

}  // namespace cmp::init
