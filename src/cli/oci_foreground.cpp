#include <poll.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <optional>

#include "cli/oci_streams.hpp"
#include "sys/file.hpp"
#include "sys/terminal.hpp"
#include "sys/wait.hpp"

namespace cmp::cli {

namespace {

/// Passes bytes between our standard descriptors and the controller of a terminal.
class Relay {
 public:
  explicit Relay(int controller) : controller_(controller) {
    if (controller_ >= 0 && sys::is_terminal(STDIN_FILENO)) {
      if (auto raw = sys::RawMode::enter(STDIN_FILENO)) {
        raw_.emplace(std::move(*raw));
      }
    }
    follow_size();
  }

  void follow_size() const {
    if (const auto size = sys::terminal_size(STDIN_FILENO); size && controller_ >= 0) {
      [[maybe_unused]] const auto set = sys::set_terminal_size(controller_, *size);
    }
  }

  [[nodiscard]] int input() const { return controller_ >= 0 && input_open_ ? STDIN_FILENO : -1; }

  [[nodiscard]] int output() const { return output_open_ ? controller_ : -1; }

  void take_input() { input_open_ = pass(STDIN_FILENO, controller_); }

  void take_output() { output_open_ = pass(controller_, STDOUT_FILENO); }

  /// What the program has written before it ended.
  void drain() {
    pollfd item{.fd = output(), .events = POLLIN, .revents = 0};
    while (output() >= 0 && ::poll(&item, 1, 0) == 1 && (item.revents & POLLIN) != 0) {
      take_output();
    }
  }

 private:
  static bool pass(int from, int to) {
    std::array<char, 8192> bytes{};
    const ssize_t got = ::read(from, bytes.data(), bytes.size());
    return got > 0 && sys::write_all(to, std::string_view(bytes.data(), static_cast<std::size_t>(got)));
  }

  int controller_;
  std::optional<sys::RawMode> raw_;
  bool input_open_ = true, output_open_ = true;
};

void pass_signals(sys::SignalQueue& signals, const runtime::Created& created, const Relay& relay) {
  while (const auto signal = signals.next()) {
    if (*signal == SIGWINCH) {
      relay.follow_size();
    } else {
      [[maybe_unused]] const auto sent = sys::send_signal(created.child.pidfd.get(), *signal);
    }
  }
}

}  // namespace

Result<sys::SignalQueue> queue_forwarded_signals() {
  return sys::SignalQueue::open(
      {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH, SIGCONT, SIGALRM, SIGPWR});
}

Result<int> stand_in_front(sys::SignalQueue& signals, const runtime::Created& created) {
  Relay relay(created.controller.get());
  while (!sys::has_exited(created.child.pidfd.get())) {
    std::array<pollfd, 4> items = {pollfd{.fd = created.child.pidfd.get(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = signals.fd(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = relay.input(), .events = POLLIN, .revents = 0},
                                   pollfd{.fd = relay.output(), .events = POLLIN, .revents = 0}};
    if (::poll(items.data(), items.size(), -1) < 0 && errno != EINTR) {
      return sys_error("wait for the container");
    }
    if (items[2].revents != 0) {
      relay.take_input();
    }
    if (items[3].revents != 0) {
      relay.take_output();
    }
    pass_signals(signals, created, relay);
  }
  relay.drain();
  CMP_TRY(const sys::ExitStatus exit, sys::wait_for_child(created.child.pid));
  return exit.code;
}

}  // namespace cmp::cli
