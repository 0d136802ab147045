#include "sys/terminal.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cmp::sys {

bool is_terminal(int fd) {
  return ::isatty(fd) == 1;
}

std::optional<TerminalSize> terminal_size(int fd) {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0) {
    return std::nullopt;
  }
  return TerminalSize{size.ws_row, size.ws_col};
}

Status set_terminal_size(int fd, const TerminalSize& size) {
  const winsize wanted{.ws_row = size.rows, .ws_col = size.columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (::ioctl(fd, TIOCSWINSZ, &wanted) != 0) {
    return sys_error("set the size of the terminal");
  }
  return {};
}

Result<PseudoTerminal> open_pseudo_terminal() {
  UniqueFd controller(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!controller || ::grantpt(controller.get()) != 0 || ::unlockpt(controller.get()) != 0) {
    return sys_error("open a pseudo-terminal");
  }
  // Not by its name under /dev/pts: that would have to be the same devpts as that of /dev/ptmx (TIOCGPTPEER,
  // Linux 4.13).
  UniqueFd terminal(::ioctl(controller.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) {
    return sys_error("open the terminal's side of a pseudo-terminal");
  }
  return PseudoTerminal{std::move(controller), std::move(terminal)};
}

Result<RawMode> RawMode::enter(int fd) {
  termios before{};
  if (::tcgetattr(fd, &before) != 0) {
    return sys_error("read the terminal's settings");
  }
  termios raw = before;
  ::cfmakeraw(&raw);
  if (::tcsetattr(fd, TCSANOW, &raw) != 0) {
    return sys_error("put the terminal into raw mode");
  }
  return RawMode(fd, before);
}

RawMode::~RawMode() {
  if (fd_ >= 0) {
    ::tcsetattr(fd_, TCSADRAIN, &before_);
  }
}

}  // namespace cmp::sys
