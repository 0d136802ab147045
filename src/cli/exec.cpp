#include "engine/exec.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/detach_keys.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "cli/running_container.hpp"
#include "cli/terminal_relay.hpp"
#include "engine/exec_report.hpp"
#include "sys/file.hpp"
#include "sys/sealed_self.hpp"
#include "sys/signal_queue.hpp"
#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;

/// Docker's.
constexpr std::string_view kDetachKeys = "ctrl-p,ctrl-q";

/// -e KEY=VALUE, and -e KEY for the caller's own value (left out if it has none).
std::map<std::string, std::string> extra_environment(const Context& context, const ExecOptions& options,
                                                     bool terminal) {
  std::map<std::string, std::string> out;
  if (terminal) {
    const auto type = context.environment.find("TERM");
    out["TERM"] = type == context.environment.end() ? "xterm" : type->second;
  }
  for (const std::string& variable : options.env) {
    const std::size_t equals = variable.find('=');
    const auto own = context.environment.find(variable);
    if (equals != std::string::npos) {
      out[variable.substr(0, equals)] = variable.substr(equals + 1);
    } else if (own != context.environment.end()) {
      out[variable] = own->second;
    }
  }
  return out;
}

Result<bool> wants_terminal(const ExecOptions& options) {
  if (options.tty && options.no_tty) {
    return make_error(Code::kInvalid, "--tty and --no-tty can't be used together");
  }
  const bool here = sys::is_terminal(STDIN_FILENO) && sys::is_terminal(STDOUT_FILENO);
  if (options.tty && !here && !options.detach) {
    return make_error(Code::kInvalid, "--tty: standard input and output are no terminal");
  }
  return here && !options.no_tty && !options.detach;
}

/// The command's end, or why it could not begin, as an exit code.
Result<int> exit_code_of(const engine::Running& running) {
  CMP_TRY(const auto status, sys::wait_for_child(running.child.pid));
  return status.code;
}

Result<int> report_failure(const engine::Running& running, const engine::ExecFailure& failure) {
  CMP_TRY(const int ended, exit_code_of(running));
  static_cast<void>(ended);
  print_error(render_error(failure.error, SourceLines()));
  constexpr int kCannotExecute = 126, kNotFound = 127;
  return failure.exit_code == kCannotExecute || failure.exit_code == kNotFound ? failure.exit_code : 1;
}

/// The command goes on: its terminal stays open in a process of its own, which reads what nobody sees any more.
Result<int> leave_running(const engine::Running& running, const UniqueFd controller) {
  CMP_TRY(const auto keeper, sys::clone_process({}));
  if (keeper.pid != 0) {
    return 0;
  }
  ::setsid();
  if (const auto nowhere = sys::open_file("/dev/null", O_RDWR)) {
    for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::dup2(nowhere->get(), number);  // NOLINT(android-cloexec-dup): standard descriptors
    }
  }
  std::array<char, 4096> buffer{};
  while (!sys::has_exited(running.child.pidfd.get())) {
    std::array<pollfd, 2> items{{{.fd = controller.get(), .events = POLLIN, .revents = 0},
                                 {.fd = running.child.pidfd.get(), .events = POLLIN, .revents = 0}}};
    ::poll(items.data(), items.size(), -1);
    if (::read(controller.get(), buffer.data(), buffer.size()) < 0 && errno != EAGAIN) {
      break;  // nobody has the terminal open any more
    }
  }
  ::_exit(0);
}

Result<int> run_on_terminal(const ContainerRecord& record, const engine::ExecOptions& options) {
  CMP_TRY(const auto root, sys::open_file(fmt::format("/proc/{}/root", record.process.pid), O_PATH | O_DIRECTORY));
  CMP_TRY(auto pty, sys::open_pseudo_terminal(root.get()));
  const int terminal = pty.terminal.get();
  if (const auto size = sys::terminal_size(STDIN_FILENO)) {
    CMP_CHECK(sys::set_terminal_size(terminal, *size));
  }
  CMP_TRY(const auto running,
          engine::exec_in_container(record, options, {.in = terminal, .out = terminal, .err = terminal}));
  pty.terminal.reset();
  if (auto failure = engine::wait_until_runs(running)) {
    return report_failure(running, *failure);
  }
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(auto signals, sys::SignalQueue::open({SIGWINCH, SIGTERM, SIGHUP, SIGINT}));
  CMP_TRY(auto keys, DetachKeys::parse(kDetachKeys));
  bool detached = false;
  TerminalRelay relay(loop, pty.controller.get(), {.keys = std::move(keys), .on_detach = [&] {
                                                     detached = true;
                                                     loop.stop();
                                                   }});
  CMP_CHECK(relay.start());
  int ended_by = 0;
  CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    while (const auto signal = signals.next()) {
      if (*signal == SIGWINCH) {
        relay.resize();
      } else {
        ended_by = *signal;
        loop.stop();
      }
    }
  }));
  CMP_CHECK(loop.watch(running.child.pidfd.get(), EPOLLIN, [&loop](std::uint32_t) { loop.stop(); }));
  CMP_CHECK(loop.run());
  if (ended_by != 0) {
    return 128 + ended_by;  // the pseudo-terminal closes, and its session gets SIGHUP
  }
  if (detached) {
    return leave_running(running, std::move(pty.controller));
  }
  relay.drain();
  return exit_code_of(running);
}

/// Without a terminal the command has the caller's own descriptors; signals to the caller are passed on.
Result<int> run_on_streams(const ContainerRecord& record, const engine::ExecOptions& options) {
  CMP_TRY(const auto running,
          engine::exec_in_container(record, options, {.in = STDIN_FILENO, .out = STDOUT_FILENO, .err = STDERR_FILENO}));
  if (auto failure = engine::wait_until_runs(running)) {
    return report_failure(running, *failure);
  }
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(auto signals, sys::SignalQueue::open({SIGTERM, SIGHUP, SIGINT, SIGQUIT}));
  const int pidfd = running.child.pidfd.get();
  CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    while (const auto signal = signals.next()) {
      static_cast<void>(sys::send_signal(pidfd, *signal));
    }
  }));
  CMP_CHECK(loop.watch(pidfd, EPOLLIN, [&loop](std::uint32_t) { loop.stop(); }));
  CMP_CHECK(loop.run());
  return exit_code_of(running);
}

Result<int> run_detached(const ContainerRecord& record, const engine::ExecOptions& options) {
  CMP_TRY(const auto nowhere, sys::open_file("/dev/null", O_RDWR));
  const int fd = nowhere.get();
  CMP_TRY(const auto running, engine::exec_in_container(record, options, {.in = fd, .out = fd, .err = fd}));
  if (auto failure = engine::wait_until_runs(running)) {
    return report_failure(running, *failure);
  }
  return 0;
}

/// The sealed copy that some guardian runs from; "" if there is none.
std::string guardians_program() {
  const state::Roots roots = state::roots_from_environment();
  for (const std::string& project : state::list_projects(roots).value_or({})) {
    const auto guardian = state::read_role(state::Paths(roots, project).guardian_record());
    if (guardian && state::alive(*guardian)) {
      return fmt::format("/proc/{}/exe", guardian->process.pid);
    }
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const ExecOptions& options) {
  CMP_CHECK(need_root("exec"));
  // Before anything is read: the copy does it all again.
  CMP_CHECK(sys::become_sealed_copy(guardians_program()));
  CMP_TRY(const bool terminal, wants_terminal(options));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths, false, options.service));
  CMP_CHECK(check_services(context, {options.service}, containers));
  CMP_TRY(const ContainerRecord record, running_container(containers, options.service, options.index));
  const engine::ExecOptions request{.argv = options.command,
                                    .env = extra_environment(context, options, terminal),
                                    .user = options.user,
                                    .working_dir = options.workdir,
                                    .terminal = terminal,
                                    .privileged = options.privileged};
  return options.detach ? run_detached(record, request)
         : terminal     ? run_on_terminal(record, request)
                        : run_on_streams(record, request);
}

}  // namespace cmp::cli
