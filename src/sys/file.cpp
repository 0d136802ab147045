#include "sys/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

#include <fmt/core.h>

namespace cmp::sys {

namespace {

std::string quoted(std::string_view call, std::string_view path) {
  return fmt::format("{} '{}'", call, path);
}

template <typename Call>
auto retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) {
    result = call();
  }
  return result;
}

Status write_text(const Result<UniqueFd>& fd, const std::string& path, std::string_view text) {
  if (!fd) {
    return fd.error();
  }
  if (retry([&] { return ::write(fd->get(), text.data(), text.size()); }) < 0) {
    return sys_error(fmt::format("write '{}' to '{}'", text, path));
  }
  return {};
}

struct DirCloser {
  void operator()(DIR* dir) const { ::closedir(dir); }
};

Status remove_entries(int parent, const std::string& name, dev_t device);

Status remove_entry(int dir, const char* name, dev_t device) {
  if (::unlinkat(dir, name, 0) == 0 || errno == ENOENT) {
    return {};
  }
  if (errno != EISDIR && errno != EPERM) {
    return sys_error(quoted("unlink", name));
  }
  CMP_CHECK(remove_entries(dir, name, device));
  if (::unlinkat(dir, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
    return sys_error(quoted("rmdir", name));
  }
  return {};
}

Status remove_entries(int parent, const std::string& name, dev_t device) {
  CMP_TRY(UniqueFd fd, open_at(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));

  struct stat info {};

  if (::fstat(fd.get(), &info) != 0) {
    return sys_error(quoted("stat", name));
  }
  if (info.st_dev != device) {
    return make_error(Code::kConflict, fmt::format("'{}' is on another file system: something is mounted there", name));
  }
  const std::unique_ptr<DIR, DirCloser> dir(::fdopendir(fd.get()));
  if (!dir) {
    return sys_error(quoted("open directory", name));
  }
  const int dir_fd = fd.release();
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): one thread, own DIR
    const std::string_view entry_name = entry->d_name;
    if (entry_name != "." && entry_name != "..") {
      CMP_CHECK(remove_entry(dir_fd, entry->d_name, device).context(name));
    }
  }
  return {};
}

}  // namespace

Result<UniqueFd> open_file(const std::string& path, int flags, mode_t mode) {
  return open_at(AT_FDCWD, path, flags, mode);
}

Result<UniqueFd> open_at(int dir, const std::string& path, int flags, mode_t mode) {
  const int fd = retry([&] { return ::openat(dir, path.c_str(), flags | O_CLOEXEC, mode); });
  if (fd < 0) {
    return sys_error(quoted("open", path));
  }
  return UniqueFd(fd);
}

Result<std::string> read_all(int fd, std::size_t limit_bytes) {
  std::string out;

  struct stat info {};

  const bool sized = ::fstat(fd, &info) == 0 && S_ISREG(info.st_mode) && info.st_size > 0;
  std::size_t chunk = sized ? static_cast<std::size_t>(info.st_size) + 1 : 4096;
  for (;;) {
    const std::size_t have = out.size();
    if (have > limit_bytes) {
      return make_error(Code::kInvalid, fmt::format("larger than {} bytes", limit_bytes));
    }
    out.resize(have + std::min(chunk, limit_bytes + 1));
    const ssize_t got = retry([&] { return ::read(fd, out.data() + have, out.size() - have); });
    if (got < 0) {
      return sys_error("read");
    }
    out.resize(have + static_cast<std::size_t>(got));
    if (got == 0) {
      return out;
    }
    chunk = std::max<std::size_t>(4096, out.size());
  }
}

Result<std::string> read_file_at(int dir, const std::string& path, std::size_t limit_bytes) {
  CMP_TRY(const UniqueFd fd, open_at(dir, path, O_RDONLY));
  return read_all(fd.get(), limit_bytes).context(quoted("file", path));
}

Result<std::string> read_file(const std::string& path, std::size_t limit_bytes) {
  return read_file_at(AT_FDCWD, path, limit_bytes);
}

Status write_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const ssize_t put = retry([&] { return ::write(fd, data.data(), data.size()); });
    if (put < 0) {
      return sys_error("write");
    }
    data.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status write_kernel_file(const std::string& path, std::string_view text) {
  return write_text(open_file(path, O_WRONLY), path, text);
}

Status write_kernel_file_at(int dir, const std::string& path, std::string_view text) {
  return write_text(open_at(dir, path, O_WRONLY), path, text);
}

Status write_file_atomically(const std::string& path, std::string_view data, mode_t mode) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  {
    CMP_TRY(const UniqueFd fd, open_file(temporary, O_WRONLY | O_CREAT | O_TRUNC, mode));
    CMP_CHECK(write_all(fd.get(), data).context(quoted("file", temporary)));
  }
  // Committed only when the rename has happened.
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return sys_error(quoted("rename to", path));
  }
  return {};
}

Status make_directories(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0 || errno == EEXIST) {
    return {};
  }
  if (errno != ENOENT) {
    return sys_error(quoted("make directory", path));
  }
  const auto slash = path.find_last_of('/');
  if (slash == std::string::npos || slash == 0) {
    return sys_error(quoted("make directory", path));
  }
  CMP_CHECK(make_directories(path.substr(0, slash), mode));
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) {
    return sys_error(quoted("make directory", path));
  }
  return {};
}

Status remove_tree(const std::string& path) {
  struct stat info {};

  if (::lstat(path.c_str(), &info) != 0) {
    return errno == ENOENT ? Status() : sys_error(quoted("stat", path));
  }
  return remove_entry(AT_FDCWD, path.c_str(), info.st_dev).context(quoted("remove", path));
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  const std::unique_ptr<DIR, DirCloser> dir(::opendir(path.c_str()));
  if (!dir) {
    return sys_error(quoted("open directory", path));
  }
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {  // NOLINT(concurrency-mt-unsafe): one thread, own DIR
    std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(std::move(name));
    }
  }
  std::ranges::sort(names);
  return names;
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

Result<UniqueFd> memory_file(const std::string& name) {
  UniqueFd fd(::memfd_create(name.c_str(), MFD_CLOEXEC));
  return fd ? Result<UniqueFd>(std::move(fd)) : sys_error("memfd_create");
}

Result<UniqueFd> sealed_copy(const std::string& path, const std::string& name) {
  CMP_TRY(const UniqueFd source, open_file(path, O_RDONLY));

  struct stat info {};

  if (::fstat(source.get(), &info) != 0) {
    return sys_error(quoted("stat", path));
  }
  UniqueFd copy(::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!copy) {
    return sys_error("memfd_create");
  }
  for (off_t left = info.st_size; left > 0;) {
    const ssize_t sent = ::sendfile(copy.get(), source.get(), nullptr, static_cast<std::size_t>(left));
    if (sent <= 0) {
      return sys_error(quoted("copy", path));
    }
    left -= sent;
  }
  if (::fcntl(copy.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return sys_error("seal memfd");
  }
  return copy;
}

}  // namespace cmp::sys
