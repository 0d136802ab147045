#include "init/fill_volume.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <vector>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::init {

namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// One place in two trees.
struct Pair {
  int from, to;
};

std::string path_of(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

Status copy_attributes(int from, int to) {
  std::vector<char> names(64U << 10U);
  const ssize_t size = ::flistxattr(from, names.data(), names.size());
  for (ssize_t at = 0; at < size;) {
    const std::string name = names.data() + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    std::vector<char> value(64U << 10U);
    const ssize_t length = ::fgetxattr(from, name.c_str(), value.data(), value.size());
    const bool wanted = name == "security.capability" || name.starts_with("user.");
    if (wanted && length >= 0 &&
        ::fsetxattr(to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0) != 0 && errno != EOPNOTSUPP) {
      return sys_error(fmt::format("attribute '{}'", name));
    }
  }
  return {};
}

Status dress(Pair pair, const struct stat& info) {
  if (::fchown(pair.to, info.st_uid, info.st_gid) != 0 || ::fchmod(pair.to, info.st_mode & 07777U) != 0) {
    return sys_error("set owner and mode");
  }
  CMP_CHECK(copy_attributes(pair.from, pair.to));
  const std::array<timespec, 2> times = {info.st_atim, info.st_mtim};
  return ::futimens(pair.to, times.data()) == 0 ? Status() : sys_error("set time");
}

Status copy_content(Pair pair) {
  for (;;) {
    const ssize_t copied = ::copy_file_range(pair.from, nullptr, pair.to, nullptr, 1U << 30U, 0);
    if (copied == 0) {
      return {};
    }
    if (copied < 0 && errno != EINTR) {
      break;
    }
  }
  // Not between these file systems: through memory, from the beginning.
  if (::lseek(pair.from, 0, SEEK_SET) != 0 || ::lseek(pair.to, 0, SEEK_SET) != 0) {
    return sys_error("seek");
  }
  std::vector<char> buffer(256U << 10U);
  for (;;) {
    const ssize_t got = ::read(pair.from, buffer.data(), buffer.size());
    if (got == 0) {
      return {};
    }
    if (got < 0 && errno != EINTR) {
      return sys_error("read");
    }
    CMP_CHECK(sys::write_all(pair.to, {buffer.data(), static_cast<std::size_t>(got < 0 ? 0 : got)}));
  }
}

Status copy_file(Pair parents, const std::string& name, const struct stat& info) {
  CMP_TRY(const UniqueFd from, sys::open_at(parents.from, name, O_RDONLY | O_NOFOLLOW));
  CMP_TRY(const UniqueFd to, sys::open_at(parents.to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
  CMP_CHECK(copy_content({from.get(), to.get()}));
  return dress({from.get(), to.get()}, info);
}

Status copy_link(Pair parents, const std::string& name, const struct stat& info) {
  std::array<char, 4096> text{};
  const ssize_t length = ::readlinkat(parents.from, name.c_str(), text.data(), text.size() - 1);
  if (length < 0 || ::symlinkat(text.data(), parents.to, name.c_str()) != 0 ||
      ::fchownat(parents.to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("copy link");
  }
  return {};
}

Status copy_node(Pair parents, const std::string& name, const struct stat& info) {
  if (!S_ISFIFO(info.st_mode)) {
    // Devices are /dev's matter, and a socket without its listener is nothing.
    return {};
  }
  if (::mknodat(parents.to, name.c_str(), info.st_mode, 0) != 0 ||
      ::fchownat(parents.to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("copy FIFO");
  }
  return {};
}

Status copy_tree(Pair directories);

Status copy_directory(Pair parents, const std::string& name, const struct stat& info) {
  if (::mkdirat(parents.to, name.c_str(), 0700) != 0) {
    return sys_error("make directory");
  }
  const UniqueFd from(::openat(parents.from, name.c_str(), kDirectory));
  const UniqueFd to(::openat(parents.to, name.c_str(), kDirectory));
  if (!from || !to) {
    return sys_error("open");
  }
  CMP_CHECK(copy_tree({from.get(), to.get()}));
  return dress({from.get(), to.get()}, info);
}

Status copy_entry(Pair parents, const std::string& name) {
  struct stat info {};

  if (::fstatat(parents.from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("stat");
  }
  if (S_ISDIR(info.st_mode)) {
    return copy_directory(parents, name, info);
  }
  if (S_ISLNK(info.st_mode)) {
    return copy_link(parents, name, info);
  }
  return S_ISREG(info.st_mode) ? copy_file(parents, name, info) : copy_node(parents, name, info);
}

Status copy_tree(Pair directories) {
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(path_of(directories.from)));
  for (const std::string& name : names) {
    CMP_CHECK(copy_entry(directories, name).context(fmt::format("'{}'", name)));
  }
  return {};
}

Status empty(int directory) {
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(path_of(directory)));
  for (const std::string& name : names) {
    CMP_CHECK(sys::remove_tree(path_of(directory) + '/' + name));
  }
  return {};
}

}  // namespace

Status fill_volume(int root, const std::string& target, const std::string& volume) {
  const auto from = sys::open_in_root(root, target, O_RDONLY | O_DIRECTORY);
  if (!from) {
    return {};
  }
  CMP_TRY(const UniqueFd to, sys::open_file(volume, O_RDONLY | O_DIRECTORY));
  if (::flock(to.get(), LOCK_EX) != 0) {
    return sys_error(fmt::format("lock '{}'", volume));
  }
  const std::string mark = volume + ".filling";
  if (sys::exists(mark)) {
    CMP_CHECK(empty(to.get()));
  }
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(volume));
  if (!names.empty()) {
    return {};
  }

  struct stat info {};

  if (::fstat(from->get(), &info) != 0) {
    return sys_error(fmt::format("stat '{}'", target));
  }
  CMP_CHECK(sys::write_file_atomically(mark, ""));
  CMP_CHECK(copy_tree({from->get(), to.get()}));
  CMP_CHECK(dress({from->get(), to.get()}, info));
  return ::unlink(mark.c_str()) == 0 ? Status() : sys_error(fmt::format("remove '{}'", mark));
}

}  // namespace cmp::init
