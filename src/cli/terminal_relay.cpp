#include "cli/terminal_relay.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// While the program does not read, this much is kept for it; then the caller's terminal has to wait.
constexpr std::size_t kMostKeys = 65536;

}  // namespace

TerminalRelay::TerminalRelay(supervisor::EventLoop& loop, UniqueFd controller)
    : loop_(loop), controller_(std::move(controller)) {}

TerminalRelay::~TerminalRelay() {
  loop_.unwatch(STDIN_FILENO);
  loop_.unwatch(controller_.get());
}

Status TerminalRelay::start() {
  // Both directions go on although the other one is stuck: a program that writes much while it is sent much.
  if (::fcntl(controller_.get(), F_SETFL, O_NONBLOCK) != 0) {
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
    static_cast<void>(sys::set_terminal_size(controller_.get(), *size));
  }
}

void TerminalRelay::watch_controller() {
  const std::uint32_t events = EPOLLIN | (keys_.empty() ? 0U : static_cast<std::uint32_t>(EPOLLOUT));
  static_cast<void>(loop_.watch(controller_.get(), events, [this](std::uint32_t ready) {
    if ((ready & EPOLLOUT) != 0) {
      write_keys();
    }
    if ((ready & (EPOLLIN | EPOLLHUP)) != 0 && !pass_output() && (ready & EPOLLHUP) != 0) {
      loop_.unwatch(controller_.get());
    }
  }));
}

void TerminalRelay::read_keys() {
  std::array<char, 4096> buffer{};
  const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (got > 0) {
    keys_.append(buffer.data(), static_cast<std::size_t>(got));
  }
  input_open_ = got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN));
  if (!input_open_ || keys_.size() > kMostKeys) {
    loop_.unwatch(STDIN_FILENO);
  }
  write_keys();
}

void TerminalRelay::write_keys() {
  const ssize_t written = keys_.empty() ? 0 : ::write(controller_.get(), keys_.data(), keys_.size());
  const bool was_full = keys_.size() > kMostKeys;
  keys_.erase(0, static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  watch_controller();
  if (was_full && keys_.size() <= kMostKeys && input_open_) {
    static_cast<void>(loop_.watch(STDIN_FILENO, EPOLLIN, [this](std::uint32_t) { read_keys(); }));
  }
}

bool TerminalRelay::pass_output() {
  std::array<char, 65536> buffer{};
  const ssize_t got = ::read(controller_.get(), buffer.data(), buffer.size());
  return got > 0 &&
         sys::write_all(STDOUT_FILENO, std::string_view(buffer.data(), static_cast<std::size_t>(got))).has_value();
}

void TerminalRelay::drain() {
  while (pass_output()) {
  }
}

}  // namespace cmp::cli
