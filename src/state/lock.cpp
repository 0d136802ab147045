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

/// The lock, or an empty descriptor where `operation` has LOCK_NB and another one holds it.
Result<UniqueFd> lock_with(const std::string& path, int operation) {
  CMP_CHECK(sys::make_directories(path.substr(0, path.rfind('/'))));
  for (;;) {
    CMP_TRY(UniqueFd fd, sys::open_file(path, O_RDWR | O_CREAT, 0600));
    while (::flock(fd.get(), operation) != 0) {
      if (errno == EWOULDBLOCK) {
        return UniqueFd();
      }
      if (errno != EINTR) {
        return sys_error(fmt::format("lock '{}'", path));
      }
    }
    if (same_file(fd.get(), path)) {
      return fd;
    }
  }
}

}  // namespace

Result<UniqueFd> lock(const std::string& path) {
  return lock_with(path, LOCK_EX);
}

Result<UniqueFd> lock_shared(const std::string& path) {
  return lock_with(path, LOCK_SH);
}

Result<UniqueFd> try_lock(const std::string& path) {
  return lock_with(path, LOCK_EX | LOCK_NB);
}

}  // namespace cmp::state
