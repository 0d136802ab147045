#include "supervisor/spawn.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "supervisor/guardian.hpp"
#include "supervisor/role.hpp"
#include "supervisor/supervisor.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::supervisor {

namespace {

constexpr std::string_view kGuardianPrefix = "cmp:[guardian ";
constexpr std::string_view kSupervisorPrefix = "cmp:[supervisor ";

/// Moves `fds` to 3, 4, 5 … without close-on-exec and marks everything above close-on-exec.
Status place_descriptors(const std::vector<int>& fds) {
  // First out of the way of the targets, then into place.
  std::vector<int> high;
  for (const int fd : fds) {
    high.push_back(fd < 0 ? -1 : ::fcntl(fd, F_DUPFD_CLOEXEC, 64));
  }
  for (std::size_t i = 0; i < high.size(); ++i) {
    const int target = kListenerFd + static_cast<int>(i);
    if (high[i] < 0) {
      ::close(target);
    } else if (::dup2(high[i], target) < 0) {  // NOLINT(android-cloexec-dup): it has to survive the exec
      return sys_error("dup2");
    }
  }
  ::close_range(kListenerFd + static_cast<unsigned>(fds.size()), ~0U, CLOSE_RANGE_CLOEXEC);
  return {};
}

constexpr const char* kHeldVariable = "CMP_HELD";
constexpr const char* kUnseenVariable = "CMP_UNSEEN";
constexpr int kFirstHeldFd = kLinkFd;

/// execveat(2) of the sealed copy. The environment is what a role needs and no more: the caller's may hold secrets.
Error execute_role(const state::Paths& paths, std::string_view prefix, int self_exe, const std::string& held_names,
                   const std::string& unseen_exits) {
  std::string title = fmt::format("{}{}]", prefix, paths.project());
  std::string run = "CMP_RUN_DIR=" + paths.roots().run;
  std::string state = "CMP_STATE_DIR=" + paths.roots().state;
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 2> argv{title.data(), nullptr};
  std::string held = fmt::format("{}={}", kHeldVariable, held_names);
  std::string unseen = fmt::format("{}={}", kUnseenVariable, unseen_exits);
  std::array<char*, 6> environment{run.data(), state.data(), path.data(), held.data(), unseen.data(), nullptr};
  ::execveat(self_exe, "", argv.data(), environment.data(), AT_EMPTY_PATH);
  return sys_error("execute the sealed copy of cmp");
}

/// Messages of roles, which nobody may be there to read.
void redirect_output(const state::Paths& paths) {
  const auto null = sys::open_file("/dev/null", O_RDWR);
  const auto log = sys::open_file(paths.run_dir() + "/supervisor.log", O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (null && log) {
    ::dup2(null->get(), 0);  // NOLINT(android-cloexec-dup): standard descriptors are inherited
    ::dup2(log->get(), 1);   // NOLINT(android-cloexec-dup)
    ::dup2(log->get(), 2);   // NOLINT(android-cloexec-dup)
  }
}

/// Becomes the role with `fds` as descriptors 3 and up; returns only on failure.
Error become(const state::Paths& paths, std::string_view prefix, const std::vector<int>& fds,
             const std::string& held_names = {}, const std::string& unseen = {}) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  CMP_CHECK(place_descriptors(fds));
  return execute_role(paths, prefix, kSelfFd, held_names, unseen);
}

/// The same in the child of a clone, which has nobody to return to.
[[noreturn]] void become_or_exit(const state::Paths& paths, std::string_view prefix, const std::vector<int>& fds) {
  const Error failure = become(paths, prefix, fds);
  std::fprintf(stderr, "%s\n", failure.str().c_str());
  ::_exit(125);
}

bool has_prefix(int argc, char** argv, std::string_view prefix) {
  return argc > 0 && std::string_view(argv[0]).starts_with(prefix);
}

std::string project_of(std::string_view title, std::string_view prefix) {
  return std::string(title.substr(prefix.size(), title.rfind(']') - prefix.size()));
}

/// What become_guardian has passed on.
std::map<std::string, UniqueFd> held_descriptors() {
  std::map<std::string, UniqueFd> held;
  const char* const names = ::getenv(kHeldVariable);
  std::istringstream list(names == nullptr ? "" : names);
  int fd = kFirstHeldFd;
  for (std::string name; std::getline(list, name, ',');) {
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    held[name].reset(fd++);
  }
  return held;
}

/// "PID:STATUS,…".
std::map<int, int> unseen_exits() {
  std::map<int, int> unseen;
  const char* const text = ::getenv(kUnseenVariable);
  std::istringstream list(text == nullptr ? "" : text);
  int pid = 0;
  int status = 0;
  char colon = 0;
  for (std::string item; std::getline(list, item, ',');) {
    if (std::istringstream(item) >> pid >> colon >> status) {
      unseen[pid] = status;
    }
  }
  return unseen;
}

}  // namespace

Result<pid_t> spawn_supervisor(const state::Paths& paths, int self_exe, int listener, int link) {
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid == 0) {
    become_or_exit(paths, kSupervisorPrefix, {listener, self_exe, link});
  }
  return child.pid;
}

Error become_guardian(const state::Paths& paths, int self_exe, int listener, const std::map<std::string, int>& held,
                      const std::map<int, int>& unseen) {
  std::vector<int> fds = {listener, self_exe};
  std::string names;
  for (const auto& [name, fd] : held) {
    fds.push_back(fd);
    names += (names.empty() ? "" : ",") + name;
  }
  std::string exits;
  for (const auto& [pid, status] : unseen) {
    exits += fmt::format("{}{}:{}", exits.empty() ? "" : ",", pid, status);
  }
  return become(paths, kGuardianPrefix, fds, names, exits);
}

Status start_guardian(const state::Paths& paths, int listener) {
  CMP_TRY(const UniqueFd self_exe, sys::sealed_copy("/proc/self/exe", "cmp"));
  CMP_TRY(const sys::Child child, sys::clone_process({}));
  if (child.pid > 0) {
    // Ends at once: the guardian below is then a child of the host's init, away from our terminal and session.
    ::waitpid(child.pid, nullptr, 0);
    return {};
  }
  ::setsid();
  const auto guardian = sys::clone_process({});
  if (guardian && guardian->pid == 0) {
    ::umask(022);
    // Not to keep the caller's directory busy; "/" is always there.
    if (::chdir("/") != 0) {
      ::_exit(125);
    }
    redirect_output(paths);
    become_or_exit(paths, kGuardianPrefix, {listener, self_exe.get()});
  }
  ::_exit(guardian ? 0 : 125);
}

bool is_role(int argc, char** argv) {
  return has_prefix(argc, argv, kGuardianPrefix) || has_prefix(argc, argv, kSupervisorPrefix);
}

int run_role(int argc, char** argv) {
  const bool guardian = has_prefix(argc, argv, kGuardianPrefix);
  const state::Paths paths(state::roots_from_environment(),
                           project_of(argv[0], guardian ? kGuardianPrefix : kSupervisorPrefix));
  // What `ps` shows stays argv[0]; the short name tells the two apart in `top` and `pgrep`.
  ::prctl(PR_SET_NAME, guardian ? "cmp:guardian" : "cmp:supervisor", 0, 0, 0);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  const Status ended = guardian ? run_guardian(paths, kListenerFd, kSelfFd, held_descriptors(), unseen_exits())
                                : run_supervisor(paths, {UniqueFd(kListenerFd), UniqueFd(kSelfFd), UniqueFd(kLinkFd)});
  if (!ended) {
    std::fprintf(stderr, "%s: %s\n", argv[0], ended.error().str().c_str());
    return 1;
  }
  return 0;
}

}  // namespace cmp::supervisor
