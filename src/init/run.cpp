#include <fcntl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

#include <fmt/core.h>

#include "init/hooks.hpp"
#include "init/identity.hpp"
#include "init/init.hpp"
#include "init/program.hpp"
#include "init/reaper.hpp"
#include "init/replay.hpp"
#include "init/terminal.hpp"
#include "sys/file.hpp"
#include "sys/lsm.hpp"
#include "sys/packet.hpp"
#include "sys/privilege.hpp"
#include "sys/process.hpp"
#include "sys/stdio.hpp"
#include "sys/title.hpp"

namespace cmp::init {

namespace {

constexpr int kSync = 3;
constexpr int kMore = 4;  // the listener, if there is one, then what the program inherits
constexpr int kSetUpFailed = 125;

using container::LaunchSpec;

/// A failure and what to exit with.
struct Failure {
  Error error;
  int exit_code = kSetUpFailed;
  std::string key = {};  ///< of the service, which asked for it
};

[[noreturn]] void fail(const Failure& failure, int sync = kSync) {
  // Nobody may be listening any more; then the exit code has to do.
  [[maybe_unused]] const auto sent =
      sys::send_packet(sync, encode({Message::kFailed, failure.exit_code, failure.error, failure.key}));
  ::_exit(failure.exit_code);
}

void tell(Message message, int attached = -1) {
  if (auto sent = sys::send_packet(kSync, encode({message, 0, {}, {}}), attached); !sent) {
    ::_exit(kSetUpFailed);  // the parent is gone
  }
}

void require(Status status, int sync = kSync) {
  if (!status) {
    fail({std::move(status).error()}, sync);
  }
}

/// What a key of the service has asked for.
void require_for(std::string key, Status status) {
  if (!status) {
    fail({std::move(status).error(), kSetUpFailed, std::move(key)});
  }
}

template <typename T>
T require(Result<T> result) {
  if (!result) {
    fail({std::move(result).error()});
  }
  return std::move(result).value();
}

/// What of the service has asked for the step: a key, or the place of a mount after "volumes:".
std::string key_of(const LaunchSpec& spec, const container::Step& step) {
  const auto* const directory = std::get_if<container::step::MakeDir>(&step);
  if (directory != nullptr && directory->path == spec.exec.working_dir) {
    return "working_dir";
  }
  if (const auto* const bind = std::get_if<container::step::BindMount>(&step)) {
    return "volumes:" + bind->target;
  }
  const auto* const fill = std::get_if<container::step::FillVolume>(&step);
  return fill == nullptr ? "" : "volumes:" + fill->target;
}

/// They come after all other descriptors (leave_caller).
std::vector<UniqueFd> prepared_mounts(const Files& files) {
  int next = kMore + (files.listener >= 0 ? 1 : 0) + static_cast<int>(files.inherited.size());
  std::vector<UniqueFd> mounts;
  for (std::size_t i = 0; i < files.mounts.size(); ++i) {
    mounts.emplace_back(next++);
  }
  return mounts;
}

void replay(const LaunchSpec& spec, const Files& files) {
  Replay steps(kSync, prepared_mounts(files));
  for (const container::Step& step : spec.steps) {
    Status applied = steps.apply(step);
    require_for(applied ? "" : key_of(spec, step), std::move(applied));
    if (std::holds_alternative<container::step::Unshare>(step)) {
      tell(Message::kNamespaces);
    }
  }
}

/// Everything of the caller that must not be seen in the container.
void leave_caller(const Files& files) {
  require(sys::set_not_dumpable(), files.sync);
  sys::StdioPlan plan{.in = files.in, .out = files.out, .err = files.err, .keep = files.sync, .more = {}};
  if (files.listener >= 0) {
    plan.more.push_back(files.listener);
  }
  plan.more.insert(plan.more.end(), files.inherited.begin(), files.inherited.end());
  plan.more.insert(plan.more.end(), files.mounts.begin(), files.mounts.end());
  require(sys::arrange_descriptors(plan), files.sync);
  if (files.in < 0 && ::dup2(kSync, STDIN_FILENO) < 0) {  // holds the number until the container's /dev/null is there
    fail({sys_error("reserve descriptor 0")});
  }
  ::setsid();  // fails only if it leads a session already, which is as good
  ::umask(0);
  if (files.own_keyring) {
    require(sys::new_session_keyring());
  }
}

[[noreturn]] void end_by_signal(int signal) {
  constexpr int kSignalled = 128;
  ::_exit(kSignalled + signal);
}

/// Who kills a container that was created and never started means it: without handlers the kernel keeps every signal
/// but SIGKILL from the first process of a namespace (pid_namespaces(7)). Execution takes them away.
void hear_signals() {
  for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM}) {
    struct sigaction action {};

    action.sa_handler = end_by_signal;
    ::sigaction(number, &action, nullptr);
  }
}

/// Whoever connects and says go takes the parent's place. Others only look whether it still waits.
void await_caller() {
  hear_signals();
  for (;;) {
    const UniqueFd caller(::accept4(kMore, nullptr, nullptr, SOCK_CLOEXEC));
    if (!caller && errno != EINTR) {
      ::_exit(kSetUpFailed);
    }
    const auto packet = sys::receive_packet(caller.get());
    const auto report = packet ? decode(*packet) : packet.error();
    if (report && report->type == Message::kGo) {
      ::dup3(caller.get(), kSync, O_CLOEXEC);
      ::close(kMore);
      return;
    }
  }
}

void await_go() {
  const std::string packet = require(sys::receive_packet(kSync));
  if (packet.empty()) {
    ::_exit(0);  // the parent is gone, or wants this container no more
  }
  if (require(decode(packet)).type != Message::kGo) {
    ::_exit(kSetUpFailed);
  }
}

void take_stdio(const Files& files, uid_t uid) {
  if (files.in < 0) {
    const UniqueFd null = require(open_null_device(O_RDONLY));
    if (::dup2(null.get(), STDIN_FILENO) < 0) {
      fail({sys_error("open /dev/null as standard input")});
    }
  }
  sys::give_stdio_to(uid);
}

Status enter_directory(const std::string& path) {
  if (::chdir(path.c_str()) != 0) {
    return sys_error(fmt::format("working directory '{}'", path));
  }
  return {};
}

/// A directory outside the root, reached by a trick, has no path in it (CVE-2024-21626).
Status verify_inside(const std::string& path) {
  char* const here = ::getcwd(nullptr, 0);
  const bool inside = here != nullptr && *here == '/';
  ::free(here);  // NOLINT(cppcoreguidelines-no-malloc): getcwd has made it
  if (!inside) {
    return make_error(Code::kConflict, fmt::format("working directory '{}' is outside the container", path));
  }
  return {};
}

/// Before system calls are filtered: a profile may well refuse getcwd(2).
Status enter_inside(const std::string& path) {
  CMP_CHECK(enter_directory(path));
  return verify_inside(path);
}

void filter_system_calls(const container::SeccompFilter& filter) {
  if (!filter.program.empty()) {
    require(sys::install_seccomp_filter(filter.program, filter.flags));
  }
}

/// For the program that is executed next: what is asked for and cannot be had ends the launch (CVE-2025-64750).
void confine(const container::Credentials& credentials) {
  if (!credentials.apparmor.empty()) {
    require(sys::set_exec_label(sys::LabelledBy::kAppArmor, credentials.apparmor));
  }
  if (!credentials.selinux.empty()) {
    require(sys::set_exec_label(sys::LabelledBy::kSelinux, credentials.selinux));
  }
}

void drop_privileges(const container::Credentials& credentials, const Identity& who, const std::string& directory) {
  // As root first: the user may not be allowed to reach it. As the user if root may not (NFS).
  Status entered = enter_inside(directory);
  confine(credentials);
  // Only root may add a filter without no_new_privs. What comes after it must then be allowed by the filter.
  if (!credentials.no_new_privs) {
    filter_system_calls(credentials.seccomp);
  }
  require(sys::limit_bounding_capabilities(credentials.bounding));
  if (const auto& exactly = credentials.exactly) {
    require(sys::keep_capabilities(sys::Switch::kOn));
    require(sys::become(who.ids));
    require(sys::set_capability_sets({.effective = exactly->effective,
                                      .permitted = exactly->permitted,
                                      .inheritable = exactly->inheritable,
                                      .ambient = exactly->ambient}));
  } else {
    require(sys::become(who.ids));
    require(sys::set_capabilities(who.ids.uid == 0 ? credentials.permitted_for_root : 0));
  }
  if (credentials.no_new_privs) {
    require(sys::set_no_new_privs());
  }
  if (!entered && entered.error().os_errno == EACCES) {
    entered = enter_inside(directory);
  }
  require_for("working_dir", std::move(entered));
  if (credentials.no_new_privs) {
    filter_system_calls(credentials.seccomp);
  }
}

/// Puts the descriptors that the program inherits on 3 and up. \returns where the parent is to be told of a failure.
int hand_over(const Files& files) {
  const int count = static_cast<int>(files.inherited.size());
  if (count == 0) {
    return kSync;
  }
  const int first = kMore + (files.listener >= 0 ? 1 : 0);
  const int sync = ::fcntl(kSync, F_DUPFD_CLOEXEC, first + count);
  for (int i = 0; i < count; ++i) {
    if (files.inherited[static_cast<std::size_t>(i)] >= 0) {
      ::dup2(first + i, kSync + i);  // NOLINT(android-cloexec-dup): inherited on purpose
    }
  }
  return sync;
}

[[noreturn]] void execute(const LaunchSpec& spec, const std::string& program, const Identity& who, const Files& files) {
  std::vector<std::string> argv = spec.exec.argv;
  std::vector<std::string> env = spec.exec.env;
  if (variable(env, "HOME").empty()) {
    env.push_back("HOME=" + who.home);
  }
  ::umask(spec.exec.umask);
  const int sync = hand_over(files);
  ::execve(program.c_str(), sys::exec_words(argv).data(), sys::exec_words(env).data());
  Error error = exec_error(program, errno);
  const int exit_code = exec_exit_code(error);
  fail({std::move(error), exit_code}, sync);
}

/// The program's path. One that is not there may still come, if the spec says so: then exec decides.
std::string locate(const LaunchSpec& spec) {
  const auto& exec = spec.exec;
  if (exec.argv.empty()) {
    return "";  // a bundle without a process can be created, but not be started
  }
  auto found =
      find_program(exec.argv.front(), variable(exec.env, "PATH"), exec.working_dir.empty() ? "/" : exec.working_dir);
  if (found) {
    if (auto fit = check_program(*found, spec.credentials.native_calls_only); !fit) {
      found = std::move(fit).error();
    }
  }
  if (!found) {
    const int exit_code = exec_exit_code(found.error());
    fail({std::move(found).error(), exit_code});
  }
  return std::move(found).value();
}

Identity identify(const LaunchSpec& spec) {
  auto who = look_up_identity(spec.credentials);
  if (!who) {
    const bool groups = who.error().message.starts_with("group_add");
    fail({std::move(who).error(), kSetUpFailed, groups ? "group_add" : "user"});
  }
  return std::move(who).value();
}

}  // namespace

void run(const LaunchSpec& spec, const Files& files, bool wait_for_go) {
  leave_caller(files);
  if (wait_for_go) {
    // It may wait long, and with `init: true` this is what it stays.
    sys::set_title(fmt::format("cmp:[init {}]", spec.container), "cmp:init");
  }
  replay(spec, files);
  if (spec.exec.terminal && wait_for_go) {
    const UniqueFd controller = require(make_terminal());
    tell(Message::kTerminal, controller.get());
  }
  const Identity who = identify(spec);
  const bool late = spec.exec.program_may_come_later && wait_for_go;
  std::string program = late ? "" : locate(spec);
  if (wait_for_go) {
    tell(Message::kPrepared);
    files.listener >= 0 ? await_caller() : await_go();
  }
  if (late) {
    program = locate(spec);
  }
  take_stdio(files, who.ids.uid);
  sys::reset_signals();
  if (spec.exec.terminal) {
    require(sys::take_terminal());
  }
  if (spec.reaper) {
    if (const auto service = require(split_off_service())) {
      drop_privileges(spec.credentials, who, "/");
      reap_until_gone(*service);
    }
  }
  if (spec.exec.personality && ::personality(*spec.exec.personality) < 0) {
    fail({sys_error("linux.personality")});
  }
  drop_privileges(spec.credentials, who, spec.exec.working_dir.empty() ? "/" : spec.exec.working_dir);
  // The container's own programs: with no more rights than it has.
  require(run_hooks(spec.before_exec, ::getpid()));
  execute(spec, program, who, files);
}

}  // namespace cmp::init
