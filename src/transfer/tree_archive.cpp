#include "transfer/tree_archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <fmt/core.h>

#include "sys/file.hpp"
#include "transfer/layer_tree.hpp"

namespace cmp::transfer {

namespace {

/// The way to open again what an O_PATH descriptor names.
std::string again(int fd) {
  return fmt::format("/proc/self/fd/{}", fd);
}

Result<std::vector<std::string>> sorted_names(int directory) {
  CMP_TRY(UniqueFd fd, sys::open_file(again(directory), O_RDONLY | O_DIRECTORY));
  DIR* const stream = ::fdopendir(fd.get());
  if (stream == nullptr) {
    return sys_error("read directory");
  }
  static_cast<void>(fd.release());
  const std::unique_ptr<DIR, int (*)(DIR*)> closed(stream, ::closedir);
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(stream)) {  // NOLINT(concurrency-mt-unsafe): one thread
    const std::string name = entry->d_name;
    if (name != "." && name != "..") {
      names.push_back(name);
    }
  }
  std::ranges::sort(names);
  return names;
}

bool is_mount_root(int fd) {
  struct statx info {};

  return ::statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &info) == 0 && (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Result<std::string> link_target(int fd) {
  std::array<char, PATH_MAX> target{};
  const ssize_t length = ::readlinkat(fd, "", target.data(), target.size());
  return length < 0 ? Result<std::string>(sys_error("read link"))
                    : std::string(target.data(), static_cast<std::size_t>(length));
}

void set_attributes_of(archive_entry* entry, int fd) {
  std::array<char, 65536> names{};
  const ssize_t length = ::listxattr(again(fd).c_str(), names.data(), names.size());
  for (ssize_t at = 0; at < length;) {
    const std::string name = names.data() + at;
    at += static_cast<ssize_t>(name.size()) + 1;
    std::array<char, 65536> value{};
    const ssize_t size =
        may_have_attribute(name) ? ::getxattr(again(fd).c_str(), name.c_str(), value.data(), value.size()) : -1;
    if (size >= 0) {
      archive_entry_xattr_add_entry(entry, name.c_str(), value.data(), static_cast<std::size_t>(size));
    }
  }
}

using OwnedEntry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

}  // namespace

TreeArchive::TreeArchive(int fd, Mounted mounted) : archive_(archive_write_new()), mounted_(mounted) {
  archive_write_set_format_pax_restricted(archive_);
  archive_write_set_bytes_in_last_block(archive_, 1);
  failed_ = archive_write_open_fd(archive_, fd) != ARCHIVE_OK;
}

TreeArchive::~TreeArchive() {
  archive_write_free(archive_);
}

Error TreeArchive::failure() {
  const int number = archive_errno(archive_);
  const char* const why = archive_error_string(archive_);
  return make_error(number == EPIPE ? Code::kInterrupted : Code::kSystem,
                    fmt::format("write archive: {}", why == nullptr ? "unknown reason" : why));
}

Status TreeArchive::write(std::string_view data) {
  return archive_write_data(archive_, data.data(), data.size()) == static_cast<la_ssize_t>(data.size()) ? Status()
                                                                                                        : failure();
}

Status TreeArchive::add(int fd, const std::string& name) {
  struct stat info {};

  if (::fstat(fd, &info) != 0) {
    return sys_error(fmt::format("stat '{}'", name));
  }
  if (name.empty() && S_ISDIR(info.st_mode)) {
    return add_children(fd, "");
  }
  return add_found(fd, info, name);
}

Status TreeArchive::add_found(int fd, const struct stat& info, const std::string& name) {
  const bool directory = S_ISDIR(info.st_mode);
  const bool file = S_ISREG(info.st_mode);
  if (S_ISSOCK(info.st_mode)) {
    return {};  // an archive has no word for it
  }
  const OwnedEntry entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), (directory ? name + "/" : name).c_str());
  archive_entry_set_filetype(entry.get(), info.st_mode & S_IFMT);
  archive_entry_set_perm(entry.get(), info.st_mode & 07777U);
  archive_entry_set_uid(entry.get(), info.st_uid);
  archive_entry_set_gid(entry.get(), info.st_gid);
  archive_entry_set_mtime(entry.get(), info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  archive_entry_set_rdev(entry.get(), info.st_rdev);
  if (S_ISLNK(info.st_mode)) {
    CMP_TRY(const std::string target, link_target(fd).context(name));
    archive_entry_set_symlink(entry.get(), target.c_str());
  } else {
    set_attributes_of(entry.get(), fd);
  }
  bool content = file && !(mounted_ == Mounted::kEmpty && is_mount_root(fd));
  if (!directory && info.st_nlink > 1) {
    const auto [first, fresh] = linked_.try_emplace({info.st_dev, info.st_ino}, name);
    if (!fresh) {
      archive_entry_set_hardlink(entry.get(), first->second.c_str());
      content = false;
    }
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  archive_entry_set_size(entry.get(), content ? static_cast<la_int64_t>(size) : 0);
  if (failed_ || archive_write_header(archive_, entry.get()) < ARCHIVE_WARN) {
    return failure();
  }
  if (content) {
    return add_content(fd, size).context(fmt::format("'{}'", name));
  }
  return directory && !(mounted_ == Mounted::kEmpty && is_mount_root(fd)) ? add_children(fd, name + "/") : Status();
}

Status TreeArchive::add_children(int fd, const std::string& name) {
  CMP_TRY(const auto names, sorted_names(fd).context(fmt::format("'{}'", name)));
  for (const std::string& child : names) {
    const UniqueFd found(::openat(fd, child.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    if (!found && errno == ENOENT) {
      continue;  // it has gone meanwhile
    }
    if (!found) {
      return sys_error(fmt::format("open '{}{}'", name, child));
    }
    CMP_CHECK(add(found.get(), name + child));
  }
  return {};
}

/// As many bytes as the header has said, whatever becomes of the file meanwhile.
Status TreeArchive::add_content(int fd, std::uint64_t size) {
  CMP_TRY(const UniqueFd file, sys::open_file(again(fd), O_RDONLY));
  std::vector<char> buffer(1U << 18U);
  while (size > 0) {
    const ssize_t got = ::read(file.get(), buffer.data(), std::min<std::uint64_t>(buffer.size(), size));
    if (got < 0 && errno != EINTR) {
      return sys_error("read");
    }
    if (got == 0) {
      std::ranges::fill(buffer, '\0');
    }
    const std::uint64_t taken = got > 0    ? static_cast<std::uint64_t>(got)
                                : got == 0 ? std::min<std::uint64_t>(buffer.size(), size)
                                           : 0;
    CMP_CHECK(write({buffer.data(), taken}));
    size -= taken;
  }
  return {};
}

Status TreeArchive::finish() {
  return !failed_ && archive_write_close(archive_) == ARCHIVE_OK ? Status() : failure();
}

}  // namespace cmp::transfer
