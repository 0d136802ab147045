#include "sys/terminal.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/in_root.hpp"

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

Result<PseudoTerminal> open_pseudo_terminal(int root) {
  CMP_TRY(auto controller, open_in_root(root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY));

  // What stands there is the container's to choose: only a real one goes on.
  struct stat status {};

  constexpr unsigned kMajor = 5, kMinor = 2;
  if (::fstat(controller.get(), &status) != 0 || !S_ISCHR(status.st_mode) ||
      status.st_rdev != makedev(kMajor, kMinor)) {
    return make_error(Code::kUnsupported, "/dev/pts/ptmx is no multiplexer of pseudo-terminals");
  }
  int unlock = 0;
  if (::ioctl(controller.get(), TIOCSPTLCK, &unlock) != 0) {
    return sys_error("unlock a pseudo-terminal");
  }
  // Not by its name under /dev/pts: that would have to be the same devpts as that of /dev/ptmx (TIOCGPTPEER,
  // Linux 4.13).
  UniqueFd terminal(::ioctl(controller.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) {
    return sys_error("open the terminal's side of a pseudo-terminal");
  }
  return PseudoTerminal{std::move(controller), std::move(terminal)};
}

Status keep_line_ends(int fd) {
  termios settings{};
  if (::tcgetattr(fd, &settings) != 0) {
    return sys_error("read the terminal's settings");
  }
  settings.c_oflag &= ~static_cast<tcflag_t>(ONLCR);
  return ::tcsetattr(fd, TCSANOW, &settings) == 0 ? Status() : sys_error("set the terminal's line ends");
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
