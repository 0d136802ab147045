#include "sys/stdio.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include <fmt/core.h>

#include "base/unique_fd.hpp"

#ifndef CLOSE_RANGE_UNSHARE
#include <linux/close_range.h>
#endif

namespace cmp::sys {

namespace {

constexpr int kFirstFree = 3;

/// `parking`: above every number that is about to be assigned, so that no source is overwritten before it is copied.
Result<int> park(int fd, int parking) {
  if (fd < 0) {
    return -1;
  }
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, parking);
  if (copy < 0) {
    return sys_error(fmt::format("copy descriptor {}", fd));
  }
  return copy;
}

}  // namespace

Status arrange_descriptors(const StdioPlan& plan) {
  std::vector<int> parked = {plan.in, plan.out, plan.err, plan.keep};
  parked.insert(parked.end(), plan.more.begin(), plan.more.end());
  const int parking = static_cast<int>(parked.size());
  for (int& fd : parked) {
    CMP_TRY(fd, park(fd, parking));
  }
  for (int number = 0; number < parking; ++number) {
    const int source = parked.at(static_cast<std::size_t>(number));
    if (source < 0) {
      ::close(number);
    } else if (::dup3(source, number, number >= kFirstFree ? O_CLOEXEC : 0) < 0) {
      return sys_error(fmt::format("place descriptor {}", number));
    }
  }
  if (::syscall(SYS_close_range, static_cast<unsigned>(parking), ~0U, 0U) != 0) {
    return sys_error("close_range");
  }
  return {};
}

void give_stdio_to(uid_t uid) {
  for (int fd = 0; fd < kFirstFree; ++fd) {
    struct stat info {};

    if (::fstat(fd, &info) != 0 || info.st_uid == uid || (S_ISCHR(info.st_mode) && ::isatty(fd) == 0)) {
      continue;
    }
    // EPERM, EINVAL, EROFS: such a file cannot change hands; the service then writes through its descriptor only.
    [[maybe_unused]] const int given = ::fchown(fd, uid, static_cast<gid_t>(-1));
  }
}

Status take_terminal() {
  if (::ioctl(0, TIOCSCTTY, 0) != 0) {
    return sys_error("take the controlling terminal");
  }
  return {};
}

void reset_signals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    std::signal(signal, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace cmp::sys
