#include "sys/in_root.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <deque>
#include <vector>

#include <climits>
#include <fmt/core.h>

namespace cmp::sys {

namespace {

// path_resolution(7): the kernel gives up after as many.
constexpr int kMaxLinks = 40;

int openat2_retried(int dir, const std::string& path, int flags, std::uint64_t resolve) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(static_cast<unsigned>(flags)) | O_CLOEXEC;
  how.resolve = resolve | RESOLVE_NO_MAGICLINKS;
  for (;;) {
    const auto fd = static_cast<int>(::syscall(SYS_openat2, dir, path.c_str(), &how, sizeof how));
    // EAGAIN: a rename somewhere on the way made ".." uncertain; openat2(2) says to try again.
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN)) {
      return fd;
    }
  }
}

void push_components(std::deque<std::string>& pending, const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const auto slash = std::min(path.find('/', at), path.size());
    if (slash > at) {
      parts.push_back(path.substr(at, slash - at));
    }
    at = slash + 1;
  }
  pending.insert(pending.begin(), parts.begin(), parts.end());
}

/// Walks one component at a time through pinned directories: the only names ever looked up are single ones in a
/// directory already open, so nobody can move the walk out of the root.
class Walk {
 public:
  Walk(int root, const std::string& path, Missing kind, mode_t mode) : root_(root), kind_(kind), mode_(mode) {
    push_components(pending_, path);
  }

  Result<UniqueFd> run() {
    UniqueFd last;
    while (!pending_.empty()) {
      const std::string name = std::move(pending_.front());
      pending_.pop_front();
      CMP_TRY(last, enter(name));
    }
    if (last) {
      return last;
    }
    UniqueFd here(::openat(current(), ".", O_PATH | O_DIRECTORY | O_CLOEXEC));
    return here ? Result<UniqueFd>(std::move(here)) : sys_error("open '.'");
  }

 private:
  [[nodiscard]] int current() const { return parents_.empty() ? root_ : parents_.back().get(); }

  /// Goes to `name`. A directory becomes the current one and gives an empty descriptor; anything else must be last.
  Result<UniqueFd> enter(const std::string& name) {
    if (name == ".") {
      return UniqueFd();
    }
    if (name == "..") {
      if (!parents_.empty()) {
        parents_.pop_back();
      }
      return UniqueFd();
    }
    UniqueFd fd(::openat(current(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) {
      if (errno != ENOENT) {
        return sys_error(fmt::format("open '{}'", name));
      }
      CMP_TRY(fd, make(name));
    }
    return arrive(name, std::move(fd));
  }

  Result<UniqueFd> arrive(const std::string& name, UniqueFd fd) {
    struct stat info {};

    if (::fstat(fd.get(), &info) != 0) {
      return sys_error(fmt::format("stat '{}'", name));
    }
    if (S_ISLNK(info.st_mode)) {
      CMP_CHECK(follow(name, fd.get()));
      return UniqueFd();
    }
    if (S_ISDIR(info.st_mode)) {
      parents_.push_back(std::move(fd));
      return UniqueFd();
    }
    if (!pending_.empty()) {
      return sys_error(fmt::format("open '{}'", name), ENOTDIR);
    }
    return fd;
  }

  Status follow(const std::string& name, int link) {
    char text[PATH_MAX];
    const ssize_t length = ::readlinkat(link, "", text, sizeof text);
    if (length < 0) {
      return sys_error(fmt::format("read link '{}'", name));
    }
    if (++links_ > kMaxLinks) {
      return sys_error(fmt::format("open '{}'", name), ELOOP);
    }
    const std::string target(text, static_cast<std::size_t>(length));
    if (target.starts_with('/')) {
      parents_.clear();
    }
    push_components(pending_, target);
    return {};
  }

  Result<UniqueFd> make(const std::string& name) {
    const bool directory = !pending_.empty() || kind_ == Missing::kDirectory;
    if (directory) {
      if (::mkdirat(current(), name.c_str(), mode_) != 0 && errno != EEXIST) {
        return sys_error(fmt::format("make directory '{}'", name));
      }
    } else {
      const UniqueFd made(
          ::openat(current(), name.c_str(), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0644));
      if (!made && errno != EEXIST) {
        return sys_error(fmt::format("make file '{}'", name));
      }
    }
    UniqueFd fd(::openat(current(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    return fd ? Result<UniqueFd>(std::move(fd)) : sys_error(fmt::format("open '{}'", name));
  }

  int root_;
  Missing kind_;
  mode_t mode_;
  int links_ = 0;
  std::deque<std::string> pending_;
  std::vector<UniqueFd> parents_;
};

}  // namespace

Result<UniqueFd> open_in_root(int root, const std::string& path, int flags) {
  const int fd = openat2_retried(root, path, flags, RESOLVE_IN_ROOT);
  if (fd < 0) {
    return sys_error(fmt::format("open '{}'", path));
  }
  return UniqueFd(fd);
}

Result<UniqueFd> open_on_same_mount(int dir, const std::string& path, int flags) {
  const int fd = openat2_retried(dir, path, flags, RESOLVE_BENEATH | RESOLVE_NO_XDEV);
  if (fd < 0) {
    return sys_error(fmt::format("open '{}'", path));
  }
  return UniqueFd(fd);
}

Result<UniqueFd> open_beneath(int dir, const std::string& path, int flags) {
  const int fd = openat2_retried(dir, path, flags, RESOLVE_BENEATH);
  if (fd < 0) {
    return sys_error(fmt::format("open '{}'", path));
  }
  return UniqueFd(fd);
}

Result<UniqueFd> open_or_make_in_root(int root, const std::string& path, Missing kind, mode_t mode) {
  const int fd = openat2_retried(root, path, O_PATH, RESOLVE_IN_ROOT);
  if (fd >= 0) {
    return UniqueFd(fd);
  }
  // What openat2 cannot find, and everything where a sandbox withholds openat2, is walked.
  if (errno != ENOENT && errno != ENOSYS && errno != EPERM) {
    return sys_error(fmt::format("open '{}'", path));
  }
  return Walk(root, path, kind, mode).run().context(fmt::format("path '{}'", path));
}

}  // namespace cmp::sys
