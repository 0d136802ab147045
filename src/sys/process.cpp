#include "sys/process.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

struct NamedSignal {
  std::string_view name;
  int number;
};

constexpr std::array kSignals = {
    NamedSignal{"HUP", SIGHUP},       NamedSignal{"INT", SIGINT},       NamedSignal{"QUIT", SIGQUIT},
    NamedSignal{"ILL", SIGILL},       NamedSignal{"TRAP", SIGTRAP},     NamedSignal{"ABRT", SIGABRT},
    NamedSignal{"BUS", SIGBUS},       NamedSignal{"FPE", SIGFPE},       NamedSignal{"KILL", SIGKILL},
    NamedSignal{"USR1", SIGUSR1},     NamedSignal{"SEGV", SIGSEGV},     NamedSignal{"USR2", SIGUSR2},
    NamedSignal{"PIPE", SIGPIPE},     NamedSignal{"ALRM", SIGALRM},     NamedSignal{"TERM", SIGTERM},
    NamedSignal{"STKFLT", SIGSTKFLT}, NamedSignal{"CHLD", SIGCHLD},     NamedSignal{"CONT", SIGCONT},
    NamedSignal{"STOP", SIGSTOP},     NamedSignal{"TSTP", SIGTSTP},     NamedSignal{"TTIN", SIGTTIN},
    NamedSignal{"TTOU", SIGTTOU},     NamedSignal{"URG", SIGURG},       NamedSignal{"XCPU", SIGXCPU},
    NamedSignal{"XFSZ", SIGXFSZ},     NamedSignal{"VTALRM", SIGVTALRM}, NamedSignal{"PROF", SIGPROF},
    NamedSignal{"WINCH", SIGWINCH},   NamedSignal{"IO", SIGIO},         NamedSignal{"PWR", SIGPWR},
    NamedSignal{"SYS", SIGSYS},       NamedSignal{"IOT", SIGIOT},       NamedSignal{"POLL", SIGPOLL},
    NamedSignal{"CLD", SIGCHLD},
};

// The kernel's real-time range; glibc keeps the first two for itself, users count from 34 as `kill -l` does.
constexpr int kRtMin = 34;
constexpr int kRtMax = 64;

std::optional<int> parse_int(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// A mask of /proc/PID/status: "SigCgt:\t0000000180004a07".
std::uint64_t signal_mask(std::string_view status, std::string_view field) {
  const auto at = status.find(field);
  std::uint64_t mask = 0;
  if (at != std::string_view::npos) {
    const std::string_view digits = status.substr(at + field.size(), 16);
    std::from_chars(digits.data(), digits.data() + digits.size(), mask, 16);
  }
  return mask;
}

/// "NSpid:\t4711\t1": the last number is the pid in the process's own namespace. Without CONFIG_PID_NS there is none.
bool is_first_process(std::string_view status) {
  constexpr std::string_view kField = "\nNSpid:";
  const auto at = status.find(kField);
  if (at == std::string_view::npos) {
    return true;
  }
  const std::string_view line = status.substr(at + kField.size(), status.find('\n', at + 1) - at - kField.size());
  return line.ends_with("\t1");
}

/// A thread is in sigwait(3): meanwhile the kernel shows the signals it waits for as not blocked, though they arrive
/// (kernel/signal.c, real_blocked). True if it cannot be told.
bool waits_for_signals(pid_t pid) {
  constexpr int kTime64 = 421;  // rt_sigtimedwait_time64 of 32-bit programs
  const auto threads = list_directory(fmt::format("/proc/{}/task", pid));
  if (!threads) {
    return true;
  }
  return std::ranges::any_of(*threads, [pid](const std::string& thread) {
    const auto text = read_file(fmt::format("/proc/{}/task/{}/syscall", pid, thread));
    const auto number = text ? parse_int(std::string_view(*text).substr(0, text->find(' '))) : std::nullopt;
    return !text || (number && (*number == SYS_rt_sigtimedwait || *number == kTime64));
  });
}

std::optional<int> parse_realtime(std::string_view name) {
  const bool from_min = name.starts_with("RTMIN");
  if (!from_min && !name.starts_with("RTMAX")) {
    return std::nullopt;
  }
  const std::string_view offset_text = name.substr(5);
  int offset = 0;
  if (!offset_text.empty()) {
    const auto parsed = parse_int(offset_text.starts_with('+') ? offset_text.substr(1) : offset_text);
    if (!parsed || (from_min && *parsed < 0) || (!from_min && *parsed > 0)) {
      return std::nullopt;
    }
    offset = *parsed;
  }
  const int number = (from_min ? kRtMin : kRtMax) + offset;
  return number >= kRtMin && number <= kRtMax ? std::optional(number) : std::nullopt;
}

}  // namespace

namespace {

/// clone(2) with its arguments in registers, in this order on x86_64 and on arm64.
long clone_as_before(int& pidfd) {
  return ::syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, nullptr, &pidfd, nullptr, nullptr);
}

}  // namespace

Result<Child> clone_process(const CloneOptions& options) {
  int pidfd = -1;
  clone_args args{};
  args.flags = options.flags | std::uint64_t{CLONE_PIDFD} | CLONE_CLEAR_SIGHAND;
  args.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  // With CLONE_PARENT the kernel takes the exit signal of the caller itself and refuses another (clone(2)).
  args.exit_signal = (options.flags & CLONE_PARENT) != 0 ? 0U : unsigned{SIGCHLD};
  if (options.cgroup_fd >= 0) {
    args.flags |= CLONE_INTO_CGROUP;
    args.cgroup = static_cast<unsigned>(options.cgroup_fd);
  }
  long pid = ::syscall(SYS_clone3, &args, sizeof args);
  if (pid < 0 && errno == ENOSYS && options.flags == 0 && options.cgroup_fd < 0) {
    // A filter of system calls cannot look into clone3's arguments and gives ENOSYS for it: the older call will do.
    pid = clone_as_before(pidfd);
  }
  if (pid < 0) {
    return sys_error("clone3");
  }
  return Child{static_cast<pid_t>(pid), pid > 0 ? UniqueFd(pidfd) : UniqueFd()};
}

Result<UniqueFd> open_pidfd(pid_t pid) {
  const auto fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) {
    return sys_error(fmt::format("pidfd_open {}", pid));
  }
  return UniqueFd(fd);
}

Status send_signal(int pidfd, int signal) {
  if (::syscall(SYS_pidfd_send_signal, pidfd, signal, nullptr, 0) != 0 && errno != ESRCH) {
    return sys_error(fmt::format("send {}", signal_name(signal)));
  }
  return {};
}

std::optional<std::uint64_t> start_ticks(pid_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  return stat ? start_ticks_in(*stat) : std::nullopt;
}

std::optional<std::uint64_t> start_ticks_in(std::string_view stat) {
  // The command name (field 2) may hold blanks and parentheses; field 22 is the 20th after its last ')'.
  const auto end_of_name = stat.rfind(')');
  if (end_of_name == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view rest = stat.substr(end_of_name + 1);
  for (int field = 0; field < 20; ++field) {
    rest.remove_prefix(std::min(rest.find(' ') + 1, rest.size()));
  }
  std::uint64_t ticks = 0;
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), ticks);
  return error == std::errc() ? std::optional(ticks) : std::nullopt;
}

std::optional<UniqueFd> open_same_process(const ProcessId& id) {
  if (id.pid <= 0) {
    return std::nullopt;
  }
  auto fd = open_pidfd(id.pid);
  // Looked at after the pidfd is open: from here on the pid cannot change hands unnoticed.
  // A zombie that nobody has reaped yet is as good as gone.
  if (!fd || start_ticks(id.pid) != id.start_ticks || has_exited(fd->get())) {
    return std::nullopt;
  }
  return std::move(fd).value();
}

bool has_exited(int pidfd) {
  pollfd item{.fd = pidfd, .events = POLLIN, .revents = 0};
  return ::poll(&item, 1, 0) == 1 && (item.revents & (POLLIN | POLLHUP)) != 0;
}

ExitStatus decode_wait_status(int status) {
  if (WIFSIGNALED(status)) {
    return {.code = 128 + WTERMSIG(status), .signal = WTERMSIG(status), .core_dumped = WCOREDUMP(status) != 0};
  }
  return {.code = WEXITSTATUS(status)};
}

std::optional<ExitStatus> exit_status_of_reaped(int pidfd) {
  // include/uapi/linux/pidfd.h of 6.15, which Debian 12's headers do not have yet.
  struct PidfdInfo {
    std::uint64_t mask;
    std::uint64_t cgroupid;
    std::uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
    std::int32_t exit_code;
  };

  constexpr std::uint64_t kInfoExit = 1U << 3U;
  PidfdInfo info{};
  info.mask = kInfoExit;
  if (::ioctl(pidfd, _IOWR(0xFF, 11, PidfdInfo), &info) != 0 || (info.mask & kInfoExit) == 0) {
    return std::nullopt;
  }
  return decode_wait_status(info.exit_code);
}

bool signal_arrives(pid_t pid, int signal) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid));
  if (!status || signal == SIGKILL || signal == SIGSTOP) {
    return true;
  }
  const auto has = [&](std::string_view field) {
    return (signal_mask(*status, field) >> static_cast<unsigned>(signal - 1) & 1U) != 0;
  };
  if (!is_first_process(*status)) {
    return !has("SigIgn:\t");
  }
  return has("SigCgt:\t") || has("SigBlk:\t") || waits_for_signals(pid);
}

bool handles_signal(pid_t pid, int signal) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid));
  return status && (signal_mask(*status, "SigCgt:\t") >> static_cast<unsigned>(signal - 1) & 1U) != 0;
}

std::vector<char*> exec_words(std::vector<std::string>& texts) {
  std::vector<char*> words;
  words.reserve(texts.size() + 1);
  for (std::string& text : texts) {
    words.push_back(text.data());
  }
  words.push_back(nullptr);
  return words;
}

Result<int> parse_signal(std::string_view text) {
  if (const auto number = parse_int(text)) {
    if (*number >= 1 && *number <= kRtMax) {
      return *number;
    }
    return make_error(Code::kInvalid, fmt::format("'{}' is no signal: numbers go from 1 to {}", text, kRtMax));
  }
  std::string name(text);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (name.starts_with("SIG")) {
    name.erase(0, 3);
  }
  const auto it = std::ranges::find(kSignals, name, &NamedSignal::name);
  if (it != kSignals.end()) {
    return it->number;
  }
  if (const auto realtime = parse_realtime(name)) {
    return *realtime;
  }
  return make_error(Code::kInvalid, fmt::format("'{}' is no signal", text));
}

std::string signal_name(int signal) {
  const auto it = std::ranges::find(kSignals, signal, &NamedSignal::number);
  if (it != kSignals.end()) {
    return fmt::format("SIG{}", it->name);
  }
  return signal > kRtMin ? fmt::format("SIGRTMIN+{}", signal - kRtMin) : fmt::format("SIGRTMIN");
}

}  // namespace cmp::sys
