#include "state/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::state {

namespace {

bool same_file(int fd, const std::string& path) {
  struct stat held {};

  struct stat named {};

  return ::fstat(fd, &held) == 0 && ::stat(path.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

}  // namespace

Result<UniqueFd> lock(const std::string& path) {
  CMP_CHECK(sys::make_directories(path.substr(0, path.rfind('/'))));
  for (;;) {
    CMP_TRY(UniqueFd fd, sys::open_file(path, O_RDWR | O_CREAT, 0600));
    while (::flock(fd.get(), LOCK_EX) != 0) {
      if (errno != EINTR) {
        return sys_error(fmt::format("lock '{}'", path));
      }
    }
    if (same_file(fd.get(), path)) {
      return fd;
    }
  }
}

}  // namespace cmp::state
