#include "init/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <cstring>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"
#include "sys/stdio.hpp"
#include "sys/wait.hpp"

namespace cmp::init {

namespace {

using container::Hook;
using container::step::RunHooks;

/// The state as a file that is all there before the hook reads: nobody has to feed a pipe.
Result<UniqueFd> state_file(const RunHooks& hooks, pid_t pid) {
  UniqueFd fd(::memfd_create("state", MFD_CLOEXEC));
  if (!fd) {
    return sys_error("make a file for the state");
  }
  CMP_CHECK(sys::write_all(fd.get(), fmt::format("{}{}{}", hooks.state_head, pid, hooks.state_tail)));
  if (::lseek(fd.get(), 0, SEEK_SET) != 0) {
    return sys_error("rewind the state");
  }
  return fd;
}

[[noreturn]] void become_hook(Hook hook, int state, int failed) {
  if (hook.args.empty()) {
    hook.args.push_back(hook.path);
  }
  sys::reset_signals();
  ::umask(0022);
  if (::dup2(state, STDIN_FILENO) == STDIN_FILENO) {  // NOLINT(android-cloexec-dup): standard input is inherited
    ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */);
    const auto env = hook.env ? sys::exec_words(*hook.env) : std::vector<char*>();
    ::execve(hook.path.c_str(), sys::exec_words(hook.args).data(), hook.env ? env.data() : environ);
  }
  const int err = errno;
  [[maybe_unused]] const auto told = ::write(failed, &err, sizeof err);
  ::_exit(127);
}

/// Waits until it has ended, at most as long as it may run; true if it took too long and was killed.
bool outlives(const sys::Child& child, const Hook& hook) {
  if (!hook.timeout_seconds) {
    return false;
  }
  pollfd item{.fd = child.pidfd.get(), .events = POLLIN, .revents = 0};
  if (::poll(&item, 1, *hook.timeout_seconds * 1000) != 0) {
    return false;
  }
  [[maybe_unused]] const auto killed = sys::send_signal(child.pidfd.get(), SIGKILL);
  return true;
}

Status judge(const sys::ExitStatus& exit) {
  if (exit.signal != 0) {
    std::string words = ::sigdescr_np(exit.signal) == nullptr ? "" : ::sigdescr_np(exit.signal);
    std::ranges::transform(words, words.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return make_error(Code::kConflict, fmt::format("killed by {} ({})", sys::signal_name(exit.signal), words));
  }
  return exit.code == 0 ? Status() : make_error(Code::kConflict, fmt::format("exit status {}", exit.code));
}

Status carry_out(const RunHooks& hooks, const Hook& hook, pid_t pid) {
  CMP_TRY(const UniqueFd state, state_file(hooks, pid));
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return sys_error("make a pipe");
  }
  UniqueFd failed(ends[0]), told(ends[1]);
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    become_hook(hook, state.get(), told.get());
  }
  told.reset();
  const bool too_long = outlives(child, hook);
  CMP_TRY(const sys::ExitStatus exit, sys::wait_for_child(child.pid));
  int err = 0;
  if (::read(failed.get(), &err, sizeof err) == ssize_t{sizeof err}) {
    return sys_error("execute it", err);
  }
  if (too_long) {
    return make_error(Code::kConflict, fmt::format("took longer than {} s", *hook.timeout_seconds));
  }
  return judge(exit);
}

}  // namespace

Status run_hook(const RunHooks& hooks, const Hook& hook, pid_t pid) {
  return carry_out(hooks, hook, pid).context(fmt::format("{} hook '{}'", hooks.kind, hook.path));
}

Status run_hooks(const RunHooks& hooks, pid_t pid) {
  int number = 0;
  for (const Hook& hook : hooks.hooks) {
    CMP_CHECK(run_hook(hooks, hook, pid).context(fmt::format("error running {} hook #{}", hooks.kind, number++)));
  }
  return {};
}

}  // namespace cmp::init
