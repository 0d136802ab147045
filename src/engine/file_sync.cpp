#include "engine/file_sync.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <optional>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "sys/in_root.hpp"

namespace cmp::engine {

namespace {

/// Does not follow links; missing is success.
Status remove_below(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), 0) == 0 || errno == ENOENT) {
    return {};
  }
  if (errno != EISDIR && errno != EPERM) {
    return sys_error(fmt::format("remove '{}'", name));
  }
  UniqueFd directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  DIR* const stream = directory ? ::fdopendir(directory.get()) : nullptr;
  if (stream == nullptr) {
    return sys_error(fmt::format("remove '{}'", name));
  }
  const int inner = directory.release();
  const std::unique_ptr<DIR, int (*)(DIR*)> closed(stream, ::closedir);
  while (const dirent* const entry = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string child = entry->d_name;
    if (child != "." && child != "..") {
      CMP_CHECK(remove_below(inner, child));
    }
  }
  return ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0 ? Status() : sys_error(fmt::format("remove '{}'", name));
}

Status copy_content(int from, int to) {
  for (;;) {
    const ssize_t sent = ::sendfile(to, from, nullptr, 1U << 30U);
    if (sent == 0) {
      return {};
    }
    if (sent < 0 && errno != EINTR) {
      return sys_error("write");
    }
  }
}

struct Place {
  UniqueFd parent;
  std::string name;

  struct stat owner {};  ///< of what is there, else of the parent
};

Status sync_file(const std::string& source, const struct stat& info, const Place& place) {
  CMP_TRY(const UniqueFd from, sys::open_file(source, O_RDONLY));
  const std::string fresh = fmt::format(".{}.cmp-sync", place.name.substr(0, 200));
  static_cast<void>(::unlinkat(place.parent.get(), fresh.c_str(), 0));
  const UniqueFd to(
      ::openat(place.parent.get(), fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!to) {
    return sys_error("make file");
  }
  Status done = copy_content(from.get(), to.get());
  const std::array<timespec, 2> times = {info.st_atim, info.st_mtim};
  if (done && (::fchown(to.get(), place.owner.st_uid, place.owner.st_gid) != 0 ||
               ::fchmod(to.get(), info.st_mode & 0777U) != 0 || ::futimens(to.get(), times.data()) != 0 ||
               ::renameat(place.parent.get(), fresh.c_str(), place.parent.get(), place.name.c_str()) != 0)) {
    done = sys_error("put file in place");
  }
  if (!done) {
    static_cast<void>(::unlinkat(place.parent.get(), fresh.c_str(), 0));
  }
  return done;
}

Status sync_link(const std::string& source, const Place& place) {
  std::array<char, PATH_MAX> text{};
  const ssize_t length = ::readlink(source.c_str(), text.data(), text.size() - 1);
  if (length < 0) {
    return errno == ENOENT ? Status() : sys_error("read link");
  }
  CMP_CHECK(remove_below(place.parent.get(), place.name));
  return ::symlinkat(text.data(), place.parent.get(), place.name.c_str()) == 0 ? Status() : sys_error("make link");
}

Status sync_directory(const struct stat& info, const Place& place) {
  if (::mkdirat(place.parent.get(), place.name.c_str(), info.st_mode & 0777U) != 0) {
    return errno == EEXIST ? Status() : sys_error("make directory");
  }
  return ::fchownat(place.parent.get(), place.name.c_str(), place.owner.st_uid, place.owner.st_gid,
                    AT_SYMLINK_NOFOLLOW) == 0
             ? Status()
             : sys_error("set owner");
}

Status sync_found(const std::string& source, const std::optional<struct stat>& info, Place place) {
  struct stat there {};

  const bool exists = ::fstatat(place.parent.get(), place.name.c_str(), &there, AT_SYMLINK_NOFOLLOW) == 0;
  if (exists) {
    place.owner = there;
  }
  if (!info || (exists && (there.st_mode & S_IFMT) != (info->st_mode & S_IFMT))) {
    CMP_CHECK(remove_below(place.parent.get(), place.name));
  }
  if (!info) {
    return {};
  }
  return S_ISREG(info->st_mode)   ? sync_file(source, *info, place)
         : S_ISLNK(info->st_mode) ? sync_link(source, place)
         : S_ISDIR(info->st_mode) ? sync_directory(*info, place)
                                  : Status();
}

}  // namespace

Status sync_path(const std::string& source, int root, const std::string& target) {
  struct stat found {};

  std::optional<struct stat> info;
  if (::lstat(source.c_str(), &found) == 0) {
    info = found;
  }
  const std::size_t slash = target.rfind('/');
  Place place{.parent = {}, .name = target.substr(slash + 1)};
  if (place.name.empty() || place.name == "." || place.name == "..") {
    return {};  // the root is there
  }
  const std::string parent = slash == 0 || slash == std::string::npos ? "/" : target.substr(0, slash);
  if (info) {
    CMP_TRY(place.parent, sys::open_or_make_in_root(root, parent, sys::Missing::kDirectory));
  } else {
    auto there = sys::open_in_root(root, parent, O_PATH | O_DIRECTORY);
    if (!there) {
      return {};
    }
    place.parent = *std::move(there);
  }
  if (::fstat(place.parent.get(), &place.owner) != 0) {
    return sys_error(fmt::format("stat '{}'", parent));
  }
  return sync_found(source, info, std::move(place)).context(fmt::format("sync '{}' to '{}'", source, target));
}

}  // namespace cmp::engine
