#include "supervisor/guardian.hpp"

#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <map>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "state/record.hpp"
#include "supervisor/spawn.hpp"
#include "sys/packet.hpp"
#include "sys/process.hpp"

namespace cmp::supervisor {

namespace {

/// A supervisor that dies this often within kWindow has met something that a new one will meet too.
constexpr int kMostDeaths = 20;
constexpr Nanoseconds kWindow = std::chrono::seconds(10);

class Guardian {
 public:
  Guardian(const state::Paths& paths, int listener, int self_exe, std::map<std::string, UniqueFd> held,
           std::map<int, int> unseen)
      : paths_(paths), listener_(listener), self_exe_(self_exe), held_(std::move(held)), unseen_(std::move(unseen)) {}

  Status run() {
    CMP_CHECK(prepare_signals());
    CMP_CHECK(start_supervisor());
    // Who has ended before there were signals to hear of it.
    CMP_CHECK(reap());
    while (!done_) {
      std::array<pollfd, 2> items{{{.fd = link_.get(), .events = POLLIN, .revents = 0},
                                   {.fd = signals_.get(), .events = POLLIN, .revents = 0}}};
      if (::poll(items.data(), items.size(), -1) < 0 && errno != EINTR) {
        return sys_error("poll");
      }
      // What the supervisor has said comes before the news of its death.
      read_link();
      if (items[1].revents != 0) {
        CMP_CHECK(reap());
      }
    }
    return {};
  }

 private:
  Status prepare_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    signals_.reset(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
    // Probes and other children of a dead supervisor come here instead of to the host's init.
    if (!signals_ || ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) {
      return sys_error("prepare to reap");
    }
    return {};
  }

  Status start_supervisor() {
    CMP_TRY(auto ends, sys::packet_pair());
    CMP_TRY(supervisor_, spawn_supervisor(paths_, self_exe_, listener_, ends.second.get()));
    link_ = std::move(ends.first);
    return {};
  }

  /// A supervisor that is gone hears it from its successor: the exit stays in `unseen_`.
  void tell_exit(int pid, int status) {
    static_cast<void>(sys::send_packet(link_.get(), fmt::format("exit {} {}", pid, status)));
  }

  void tell_all() {
    for (const auto& [pid, status] : unseen_) {
      tell_exit(pid, status);
    }
    for (const auto& [name, fd] : held_) {
      static_cast<void>(sys::send_packet(link_.get(), "held " + name, fd.get()));
    }
    static_cast<void>(sys::send_packet(link_.get(), "all"));
  }

  void read_link() {
    while (link_) {
      auto packet = sys::try_receive_packet_and_fd(link_.get());
      if (!packet) {
        return;
      }
      if (packet->text.empty()) {
        link_.reset();
        return;
      }
      obey(packet->text, std::move(packet->attached));
    }
  }

  void obey(std::string_view text, UniqueFd attached) {
    constexpr std::string_view kSeen = "seen ", kHold = "hold ", kDrop = "drop ";
    if (text == "quit") {
      quitting_ = true;
    } else if (text == "replace") {
      replacement_ = std::move(attached);
    } else if (text == "ask") {
      tell_all();
    } else if (text.starts_with(kHold)) {
      held_[std::string(text.substr(kHold.size()))] = std::move(attached);
    } else if (text.starts_with(kDrop)) {
      held_.erase(std::string(text.substr(kDrop.size())));
    } else if (text.starts_with(kSeen)) {
      int pid = 0;
      std::from_chars(text.data() + kSeen.size(), text.data() + text.size(), pid);
      unseen_.erase(pid);
    }
  }

  Status reap() {
    std::array<char, sizeof(signalfd_siginfo) * 8> drain{};
    while (::read(signals_.get(), drain.data(), drain.size()) > 0) {
    }
    for (;;) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, WNOHANG);
      if (pid <= 0) {
        return {};
      }
      if (pid == supervisor_) {
        CMP_CHECK(on_supervisor_exit());
      } else {
        unseen_[pid] = status;
        tell_exit(pid, status);
      }
    }
  }

  Status on_supervisor_exit() {
    read_link();
    supervisor_ = 0;
    if (quitting_) {
      done_ = true;
      return {};
    }
    if (const UniqueFd program = std::move(replacement_)) {
      // Returns only if that one cannot be executed: then this one goes on.
      std::map<std::string, int> held;
      for (const auto& [name, fd] : held_) {
        held.emplace(name, fd.get());
      }
      const Error failed = become_guardian(paths_, program.get(), listener_, held, unseen_);
      std::fprintf(stderr, "%s\n", failed.str().c_str());
    }
    const MonotonicTime now = monotonic_now();
    if (now - window_start_ > kWindow) {
      window_start_ = now;
      deaths_ = 0;
    }
    if (++deaths_ > kMostDeaths) {
      return make_error(Code::kInternal,
                        fmt::format("the supervisor of '{}' died {} times", paths_.project(), deaths_));
    }
    return start_supervisor();
  }

  const state::Paths& paths_;
  int listener_;
  int self_exe_;
  UniqueFd signals_, link_;
  UniqueFd replacement_;  ///< the program to become when the supervisor has ended
  pid_t supervisor_ = 0;
  std::map<std::string, UniqueFd> held_;
  std::map<int, int> unseen_;  ///< pid → wait status: exits that no supervisor has written down yet
  bool quitting_ = false;
  bool done_ = false;
  int deaths_ = 0;
  MonotonicTime window_start_;
};

}  // namespace

Status run_guardian(const state::Paths& paths, int listener, int self_exe, std::map<std::string, UniqueFd> held,
                    std::map<int, int> unseen) {
  const pid_t self = ::getpid();
  CMP_CHECK(state::write_role(paths.guardian_record(), {{self, sys::start_ticks(self).value_or(0)}, CMP_VERSION}));
  return Guardian(paths, listener, self_exe, std::move(held), std::move(unseen)).run();
}

}  // namespace cmp::supervisor
