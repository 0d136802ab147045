#include "cli/terminal_relay.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// While the program does not read, this much is kept for it; then the caller's terminal has to wait.
constexpr std::size_t kMostKeys = 65536;

}  // namespace

TerminalRelay::TerminalRelay(supervisor::EventLoop& loop, int controller, RelayOptions options)
    : loop_(loop), controller_(controller), options_(std::move(options)) {}

TerminalRelay::~TerminalRelay() {
  loop_.unwatch(STDIN_FILENO);
  loop_.unwatch(controller_);
}

Status TerminalRelay::start() {
  // Both directions go on although the other one is stuck: a program that writes much while it is sent much.
  if (::fcntl(controller_, F_SETFL, O_NONBLOCK) != 0) {
    return sys_error("fcntl");
  }
  resize();
  CMP_TRY(auto raw, sys::RawMode::enter(STDIN_FILENO));
  raw_.emplace(std::move(raw));
  watch_controller();
  return loop_.watch(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { read_keys(); });
}

void TerminalRelay::resize() {
  if (const auto size = sys::terminal_size(STDIN_FILENO)) {
    static_cast<void>(sys::set_terminal_size(controller_, *size));
  }
}

void TerminalRelay::watch_controller() {
  const std::uint32_t output = options_.shows_output ? static_cast<std::uint32_t>(EPOLLIN) : 0U;
  const std::uint32_t events = output | (keys_.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT));
  static_cast<void>(loop_.watch(controller_, events, [this](std::uint32_t ready) {
    if ((ready & EPOLLOUT) != 0) {
      write_keys();
    }
    const bool silent = (ready & EPOLLIN) == 0 || !pass_output();
    if (silent && (ready & EPOLLHUP) != 0) {
      loop_.unwatch(controller_);
    }
  }));
}

void TerminalRelay::read_keys() {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got > 0) {
    keys_ += options_.keys.filter(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  }
  if (options_.keys.detached()) {
    loop_.unwatch(STDIN_FILENO);
    return options_.on_detach();
  }
  input_open_ = got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
  if (!input_open_ || keys_.size() > kMostKeys) {
    loop_.unwatch(STDIN_FILENO);
  }
  write_keys();
}

void TerminalRelay::write_keys() {
  const ssize_t written = keys_.empty() ? 0 : ::write(controller_, keys_.data(), keys_.size());
  const bool was_full = keys_.size() > kMostKeys;
  keys_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  watch_controller();
  if (was_full && keys_.size() <= kMostKeys && input_open_) {
    static_cast<void>(loop_.watch(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { read_keys(); }));
  }
}

bool TerminalRelay::pass_output() {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(controller_, buffer.data(), buffer.size());
  return got > 0 &&
         sys::write_all(STDOUT_FILENO, std::string_view(buffer.data(), static_cast<std::size_t>(got))).has_value();
}

void TerminalRelay::drain() {
  while (pass_output()) {
  }
}

}  // namespace cmp::cli
