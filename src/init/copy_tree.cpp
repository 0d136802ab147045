#include "init/copy_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include <climits>
#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"

namespace cmp::init {

namespace {

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

Result<std::vector<std::string>> names_in(int directory) {
  CMP_TRY(UniqueFd again, sys::open_at(directory, ".", O_RDONLY | O_DIRECTORY));
  const std::unique_ptr<DIR, DirCloser> dir(::fdopendir(again.get()));
  if (!dir) {
    return sys_error("open directory");
  }
  static_cast<void>(again.release());
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): one thread, own DIR
    std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(std::move(name));
    }
  }
  return names;
}

Status copy_bytes(int from, int to, const std::string& name, mode_t mode) {
  CMP_TRY(const UniqueFd source, sys::open_at(from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  CMP_TRY(const UniqueFd copy, sys::open_at(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode & 07777U));
  for (;;) {
    const ssize_t moved = ::sendfile(copy.get(), source.get(), nullptr, std::size_t{1} << 30U);
    if (moved == 0) {
      return {};
    }
    if (moved < 0) {
      return sys_error(fmt::format("copy '{}'", name));
    }
  }
}

Status copy_link(int from, int to, const std::string& name) {
  std::string target(PATH_MAX, '\0');
  const ssize_t length = ::readlinkat(from, name.c_str(), target.data(), target.size());
  if (length < 0) {
    return sys_error(fmt::format("read link '{}'", name));
  }
  target.resize(static_cast<std::size_t>(length));
  return ::symlinkat(target.c_str(), to, name.c_str()) == 0 ? Status() : sys_error(fmt::format("make '{}'", name));
}

Status copy_directory(int from, int to, const std::string& name) {
  if (::mkdirat(to, name.c_str(), 0700) != 0) {
    return sys_error(fmt::format("make '{}'", name));
  }
  CMP_TRY(const UniqueFd source, sys::open_at(from, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  CMP_TRY(const UniqueFd copy, sys::open_at(to, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  return copy_tree(source.get(), copy.get()).context(name);
}

Status copy_entry(int from, int to, const std::string& name) {
  struct stat info {};

  if (::fstatat(from, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) {
    return sys_error(fmt::format("look at '{}'", name));
  }
  switch (info.st_mode & S_IFMT) {
    case S_IFDIR:
      return copy_directory(from, to, name);
    case S_IFREG:
      CMP_CHECK(copy_bytes(from, to, name, info.st_mode));
      break;
    case S_IFLNK:
      CMP_CHECK(copy_link(from, to, name));
      break;
    default:
      if (::mknodat(to, name.c_str(), info.st_mode, info.st_rdev) != 0) {
        return sys_error(fmt::format("make '{}'", name));
      }
  }
  return ::fchownat(to, name.c_str(), info.st_uid, info.st_gid, AT_SYMLINK_NOFOLLOW) == 0
             ? Status()
             : sys_error(fmt::format("change the owner of '{}'", name));
}

}  // namespace

// NOLINTNEXTLINE(misc-no-recursion): as deep as the directories are
Status copy_tree(int from, int to) {
  CMP_TRY(const auto names, names_in(from));
  for (const std::string& name : names) {
    CMP_CHECK(copy_entry(from, to, name));
  }

  struct stat info {};

  if (::fstat(from, &info) != 0 || ::fchown(to, info.st_uid, info.st_gid) != 0 ||
      ::fchmod(to, info.st_mode & 07777U) != 0) {
    return sys_error("copy the directory's owner and mode");
  }
  return {};
}

}  // namespace cmp::init
