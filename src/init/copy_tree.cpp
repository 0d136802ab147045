#include "init/copy_tree.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"

namespace cmp::init {

namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// One place in two trees, and what of its special files is wanted.
struct Pair {
  int from, to;
  Devices devices;
};

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
  CMP_CHECK(copy_content({from.get(), to.get(), parents.devices}));
  return dress({from.get(), to.get(), parents.devices}, info);
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
  // A socket without its listener is nothing.
  if (!S_ISFIFO(info.st_mode) && (S_ISSOCK(info.st_mode) || parents.devices == Devices::kLeftOut)) {
    return {};
  }
  if (::mknodat(parents.to, name.c_str(), info.st_mode, info.st_rdev) != 0 ||
      ::fchownat(parents.to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error("copy special file");
  }
  return {};
}

Status copy_content_of(Pair directories);

Status copy_directory(Pair parents, const std::string& name, const struct stat& info) {
  if (::mkdirat(parents.to, name.c_str(), 0700) != 0) {
    return sys_error("make directory");
  }
  const UniqueFd from(::openat(parents.from, name.c_str(), kDirectory));
  const UniqueFd to(::openat(parents.to, name.c_str(), kDirectory));
  if (!from || !to) {
    return sys_error("open");
  }
  CMP_CHECK(copy_content_of({from.get(), to.get(), parents.devices}));
  return dress({from.get(), to.get(), parents.devices}, info);
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

// NOLINTNEXTLINE(misc-no-recursion): as deep as the directories are
Status copy_content_of(Pair directories) {
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(fmt::format("/proc/self/fd/{}", directories.from)));
  for (const std::string& name : names) {
    CMP_CHECK(copy_entry(directories, name).context(fmt::format("'{}'", name)));
  }
  return {};
}

}  // namespace

Status copy_tree(int from, int to, Devices devices) {
  struct stat info {};

  if (::fstat(from, &info) != 0) {
    return sys_error("stat");
  }
  CMP_CHECK(copy_content_of({from, to, devices}));
  return dress({from, to, devices}, info);
}

}  // namespace cmp::init
