#include "sys/copy_tree.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <map>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

/// One place in two trees.
struct Pair {
  int from, to;
};

/// Through memory, from `offset` on.
Status copy_bytes(Pair pair, off_t offset, off_t length) {
  std::vector<char> buffer(256U << 10U);
  while (length > 0) {
    const auto wanted = static_cast<std::size_t>(std::min<off_t>(length, static_cast<off_t>(buffer.size())));
    const ssize_t got = ::pread(pair.from, buffer.data(), wanted, offset);
    if (got == 0) {
      return {};
    }
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return sys_error("read");
    }
    if (::lseek(pair.to, offset, SEEK_SET) < 0) {
      return sys_error("seek");
    }
    CMP_CHECK(write_all(pair.to, {buffer.data(), static_cast<std::size_t>(got)}));
    offset += got;
    length -= got;
  }
  return {};
}

/// One stretch without holes, in the kernel if it can between these file systems.
Status copy_stretch(Pair pair, off_t offset, off_t length) {
  while (length > 0) {
    off_t in = offset;
    off_t out = offset;
    const ssize_t copied = ::copy_file_range(pair.from, &in, pair.to, &out, static_cast<std::size_t>(length), 0);
    if (copied < 0 && errno == EINTR) {
      continue;
    }
    if (copied < 0) {
      return copy_bytes(pair, offset, length);
    }
    if (copied == 0) {
      return {};  // it has become shorter meanwhile
    }
    offset += copied;
    length -= copied;
  }
  return {};
}

Status copy_content(Pair pair, off_t size) {
  if (::ioctl(pair.to, FICLONE, pair.from) == 0) {
    return {};
  }
  for (off_t at = 0; at < size;) {
    off_t begin = ::lseek(pair.from, at, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) {
      break;  // a hole to the end
    }
    off_t end = begin < 0 ? size : ::lseek(pair.from, begin, SEEK_HOLE);
    begin = begin < 0 ? at : begin;
    end = end < 0 ? size : end;
    CMP_CHECK(copy_stretch(pair, begin, end - begin));
    at = end;
  }
  return ::ftruncate(pair.to, size) == 0 ? Status() : sys_error("set size");
}

class Copy {
 public:
  Copy(Pair top, CopyOptions options) : top_(top), options_(options) {}

  Status run() {
    struct stat info {};

    if (::fstat(top_.from, &info) != 0) {
      return sys_error("stat");
    }
    CMP_CHECK(content_of(top_, ""));
    return dress(top_, info);
  }

 private:
  [[nodiscard]] bool wants(const std::string& attribute) const {
    return attribute == "security.capability" || attribute.starts_with("user.") ||
           (options_.likeness == Likeness::kWhole && !attribute.starts_with("trusted.overlay."));
  }

  Status copy_attributes(Pair pair) const {
    std::vector<char> names(64U << 10U);
    const ssize_t size = ::flistxattr(pair.from, names.data(), names.size());
    for (ssize_t at = 0; at < size;) {
      const std::string name = names.data() + at;
      at += static_cast<ssize_t>(name.size()) + 1;
      std::vector<char> value(64U << 10U);
      const ssize_t length = ::fgetxattr(pair.from, name.c_str(), value.data(), value.size());
      if (wants(name) && length >= 0 &&
          ::fsetxattr(pair.to, name.c_str(), value.data(), static_cast<std::size_t>(length), 0) != 0 &&
          errno != EOPNOTSUPP) {
        return sys_error(fmt::format("attribute '{}'", name));
      }
    }
    return {};
  }

  Status dress(Pair pair, const struct stat& info) const {
    if (::fchown(pair.to, info.st_uid, info.st_gid) != 0 || ::fchmod(pair.to, info.st_mode & 07777U) != 0) {
      return sys_error("set owner and mode");
    }
    CMP_CHECK(copy_attributes(pair));
    const std::array<timespec, 2> times = {info.st_atim, info.st_mtim};
    return ::futimens(pair.to, times.data()) == 0 ? Status() : sys_error("set time");
  }

  Status file(Pair parents, const std::string& name, const struct stat& info) {
    CMP_TRY(const UniqueFd from, open_at(parents.from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    CMP_TRY(const UniqueFd to, open_at(parents.to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600));
    CMP_CHECK(copy_content({from.get(), to.get()}, info.st_size));
    return dress({from.get(), to.get()}, info);
  }

  static Status link(Pair parents, const std::string& name, const struct stat& info) {
    std::array<char, 4096> text{};
    const ssize_t length = ::readlinkat(parents.from, name.c_str(), text.data(), text.size() - 1);
    if (length < 0 || ::symlinkat(text.data(), parents.to, name.c_str()) != 0 ||
        ::fchownat(parents.to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
      return sys_error("copy link");
    }
    return {};
  }

  Status node(Pair parents, const std::string& name, const struct stat& info) const {
    // A socket without its listener is nothing.
    if (!S_ISFIFO(info.st_mode) && (S_ISSOCK(info.st_mode) || options_.devices == Devices::kLeftOut)) {
      return {};
    }
    if (::mknodat(parents.to, name.c_str(), info.st_mode, info.st_rdev) != 0 ||
        ::fchownat(parents.to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) != 0) {
      return sys_error("copy special file");
    }
    return {};
  }

  Status directory(Pair parents, const std::string& name, const std::string& path, const struct stat& info) {
    if (::mkdirat(parents.to, name.c_str(), 0700) != 0) {
      return sys_error("make directory");
    }
    const UniqueFd from(::openat(parents.from, name.c_str(), kDirectory));
    const UniqueFd to(::openat(parents.to, name.c_str(), kDirectory));
    if (!from || !to) {
      return sys_error("open");
    }
    CMP_CHECK(content_of({from.get(), to.get()}, path));
    return dress({from.get(), to.get()}, info);
  }

  /// True if it is another name of a file that is there already. The tree is ours alone then, so paths in it hold
  /// still.
  Result<bool> linked(Pair parents, const std::string& name, const std::string& path, const struct stat& info) {
    if (options_.likeness != Likeness::kWhole || info.st_nlink < 2 || S_ISDIR(info.st_mode)) {
      return false;
    }
    const auto [first, fresh] = links_.emplace(std::pair(info.st_dev, info.st_ino), path);
    if (fresh) {
      return false;
    }
    if (::linkat(top_.to, first->second.c_str(), parents.to, name.c_str(), 0) != 0) {
      return sys_error("copy hard link");
    }
    return true;
  }

  Status entry(Pair parents, const std::string& name, const std::string& path) {
    struct stat info {};

    if (::fstatat(parents.from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
      return sys_error("stat");
    }
    CMP_TRY(const bool done, linked(parents, name, path, info));
    if (done) {
      return {};
    }
    if (S_ISDIR(info.st_mode)) {
      return directory(parents, name, path, info);
    }
    if (S_ISLNK(info.st_mode)) {
      return link(parents, name, info);
    }
    return S_ISREG(info.st_mode) ? file(parents, name, info) : node(parents, name, info);
  }

  // NOLINTNEXTLINE(misc-no-recursion): as deep as the directories are
  Status content_of(Pair directories, const std::string& path) {
    CMP_TRY(const std::vector<std::string> names, list_directory(fmt::format("/proc/self/fd/{}", directories.from)));
    for (const std::string& name : names) {
      CMP_CHECK(entry(directories, name, path.empty() ? name : path + '/' + name).context(fmt::format("'{}'", name)));
    }
    return {};
  }

  Pair top_;
  CopyOptions options_;
  std::map<std::pair<dev_t, ino_t>, std::string> links_;  ///< file → its first name
};

// NOLINTNEXTLINE(misc-no-recursion): as deep as the directories are
Status measure(int directory, dev_t device, TreeSize& size) {
  CMP_TRY(const std::vector<std::string> names, list_directory(fmt::format("/proc/self/fd/{}", directory)));
  for (const std::string& name : names) {
    struct stat info {};

    if (::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 || info.st_dev != device) {
      continue;  // it has gone meanwhile
    }
    constexpr std::uint64_t kBlock = 512;
    size.bytes += static_cast<std::uint64_t>(info.st_blocks) * kBlock / (S_ISDIR(info.st_mode) ? 1U : info.st_nlink);
    size.files += 1;
    const UniqueFd inner(S_ISDIR(info.st_mode) ? ::openat(directory, name.c_str(), kDirectory) : -1);
    if (inner) {
      CMP_CHECK(measure(inner.get(), device, size));
    }
  }
  return {};
}

}  // namespace

Status copy_tree(int from, int to, CopyOptions options) {
  return Copy({from, to}, options).run();
}

Result<TreeSize> measure_tree(int directory) {
  struct stat info {};

  if (::fstat(directory, &info) != 0) {
    return sys_error("stat");
  }
  TreeSize size;
  CMP_CHECK(measure(directory, info.st_dev, size));
  return size;
}

bool shares_blocks(int from, int to) {
  // O_TMPFILE: what is tried leaves no name.
  const UniqueFd source(::openat(from, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  const UniqueFd target(::openat(to, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  return source && target && ::write(source.get(), "x", 1) == 1 && ::ioctl(target.get(), FICLONE, source.get()) == 0;
}

}  // namespace cmp::sys
