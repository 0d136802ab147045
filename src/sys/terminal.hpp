#pragma once
// Terminals: size, raw mode, pseudo-terminals (tty_ioctl(4), termios(3), pty(7)).

#include <termios.h>

#include <optional>
#include <utility>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

[[nodiscard]] bool is_terminal(int fd);

struct TerminalSize {
  unsigned short rows = 24, columns = 80;
};

/// Nothing if `fd` is no terminal or does not know its size.
[[nodiscard]] std::optional<TerminalSize> terminal_size(int fd);
[[nodiscard]] Status set_terminal_size(int fd, const TerminalSize& size);

/// Line ends come out of the controller `fd` as the program writes them, without a carriage return (ONLCR).
[[nodiscard]] Status keep_line_ends(int fd);

struct PseudoTerminal {
  UniqueFd controller;  ///< the side of the terminal emulator
  UniqueFd terminal;    ///< the side of the program
};

/// A new pair of the devpts that is mounted on /dev/pts as seen from `root`, a directory: a program in there finds its
/// terminal by name (ttyname(3)). Neither side becomes anybody's controlling terminal.
[[nodiscard]] Result<PseudoTerminal> open_pseudo_terminal(int root);

/// Every key as it comes, no echo, no signals from keys (cfmakeraw(3)); the old settings come back with the destructor.
class RawMode {
 public:
  [[nodiscard]] static Result<RawMode> enter(int fd);

  RawMode(RawMode&& other) noexcept : fd_(std::exchange(other.fd_, -1)), before_(other.before_) {}

  RawMode& operator=(RawMode&&) = delete;
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;
  ~RawMode();

 private:
  RawMode(int fd, const termios& before) : fd_(fd), before_(before) {}

  int fd_;
  termios before_;
};

}  // namespace cmp::sys
