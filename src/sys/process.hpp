#pragma once
// Processes: making them, naming them safely (a pid alone is never trusted), signalling and reaping.

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// A pid and the boot-clock tick at which it started: together they name one process for ever (field 22 of
/// /proc/PID/stat). A pid is never stored without it.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  friend bool operator==(const ProcessId&, const ProcessId&) = default;
};

struct Child {
  pid_t pid = 0;   ///< 0 in the child
  UniqueFd pidfd;  ///< in the parent
};

struct CloneOptions {
  std::uint64_t flags = 0;  ///< CLONE_NEW*, CLONE_PARENT; CLONE_PIDFD and CLONE_CLEAR_SIGHAND are always added
  int cgroup_fd = -1;       ///< a v2 cgroup directory to be born in (CLONE_INTO_CGROUP), or -1
};

/// clone3(2) as a fork: both sides return. The house has no threads, so the child may do anything.
[[nodiscard]] Result<Child> clone_process(const CloneOptions& options);

[[nodiscard]] Result<UniqueFd> open_pidfd(pid_t pid);

/// kill(2) through a pidfd: reaches the process meant or nobody. ESRCH (already gone) is success.
[[nodiscard]] Status send_signal(int pidfd, int signal);

/// Start time of a process; nothing if it is gone.
[[nodiscard]] std::optional<std::uint64_t> start_ticks(pid_t pid);

/// The same from the text of /proc/PID/stat.
[[nodiscard]] std::optional<std::uint64_t> start_ticks_in(std::string_view stat);

/// A pidfd of exactly this process; nothing if it is gone or its pid belongs to another one now.
[[nodiscard]] std::optional<UniqueFd> open_same_process(const ProcessId& id);

/// True once the process is dead, reaped or not.
[[nodiscard]] bool has_exited(int pidfd);

/// How a process ended, as wait(2) tells it.
struct ExitStatus {
  int code = 0;    ///< exit code, or 128 + signal, as a shell shows it
  int signal = 0;  ///< the killing signal, 0 if it exited by itself
  bool core_dumped = false;
  friend bool operator==(const ExitStatus&, const ExitStatus&) = default;
};

/// Decodes wait(2)'s status word.
[[nodiscard]] ExitStatus decode_wait_status(int status);

/// The exit status of a process that somebody else has reaped, from the kernel's memory (PIDFD_GET_INFO with
/// PIDFD_INFO_EXIT, Linux 6.15); nothing on older kernels or if the process still lives.
[[nodiscard]] std::optional<ExitStatus> exit_status_of_reaped(int pidfd);

/// Whether a signal can reach a process. The kernel drops one that PID 1 of a namespace neither handles nor blocks (for
/// sigwait or signalfd; pid_namespaces(7)), and one that any process ignores. SIGKILL and SIGSTOP always arrive. True
/// if it cannot be told.
[[nodiscard]] bool signal_arrives(pid_t pid, int signal);

/// Whether the process has a handler for the signal; false if it cannot be told.
[[nodiscard]] bool handles_signal(pid_t pid, int signal);

/// What execve(2) takes: a pointer to each text, and a null pointer. Good for as long as the texts are.
[[nodiscard]] std::vector<char*> exec_words(std::vector<std::string>& texts);

/// "SIGTERM", "TERM", "term", "RTMIN+3" or "15" to its number; signal(7).
[[nodiscard]] Result<int> parse_signal(std::string_view text);
/// "SIGTERM" for 15.
[[nodiscard]] std::string signal_name(int signal);

}  // namespace cmp::sys
