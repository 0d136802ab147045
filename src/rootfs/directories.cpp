#include "rootfs/directories.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::rootfs {

namespace {

struct UnfitFileSystem {
  long magic;
  const char* name;
};

// Those that overlayfs.rst rules out for the upper directory: no whiteouts, no xattrs, or renames that are not atomic.
constexpr std::array kUnfit = {UnfitFileSystem{OVERLAYFS_SUPER_MAGIC, "an overlay"},
                               UnfitFileSystem{NFS_SUPER_MAGIC, "NFS"}, UnfitFileSystem{V9FS_MAGIC, "9p"},
                               UnfitFileSystem{MSDOS_SUPER_MAGIC, "FAT"}, UnfitFileSystem{SQUASHFS_MAGIC, "squashfs"}};

Status make_with_mode(const std::string& directory, mode_t mode) {
  const auto slash = directory.rfind('/');
  if (slash != std::string::npos && slash != 0) {
    CMP_CHECK(sys::make_directories(directory.substr(0, slash), 0700));
  }
  if (::mkdir(directory.c_str(), mode) != 0) {
    return errno == EEXIST ? Status() : sys_error(fmt::format("make directory '{}'", directory));
  }
  // The caller's umask must not decide what a container sees.
  return ::chmod(directory.c_str(), mode) == 0 ? Status()
                                               : sys_error(fmt::format("change the mode of '{}'", directory));
}

/// Takes the immutable and append-only flags off one file or directory. What cannot have them is left alone.
void unlock(int dir, const std::string& name) {
  const auto fd = sys::open_at(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
  int flags = 0;
  if (fd && ::ioctl(fd->get(), FS_IOC_GETFLAGS, &flags) == 0 && (flags & (FS_IMMUTABLE_FL | FS_APPEND_FL)) != 0) {
    flags &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
    ::ioctl(fd->get(), FS_IOC_SETFLAGS, &flags);
  }
}

Status unlock_tree(const std::string& directory) {
  unlock(AT_FDCWD, directory);
  CMP_TRY(const std::vector<std::string> names, sys::list_directory(directory));
  for (const std::string& name : names) {
    const std::string path = directory + '/' + name;

    struct stat info {};

    if (::lstat(path.c_str(), &info) != 0) {
      return sys_error(fmt::format("stat '{}'", path));
    }
    if (S_ISDIR(info.st_mode)) {
      CMP_CHECK(unlock_tree(path));
    } else if (S_ISREG(info.st_mode)) {
      unlock(AT_FDCWD, path);
    }
  }
  return {};
}

}  // namespace

Status check_file_system(const std::string& directory) {
  struct statfs info {};

  if (::statfs(directory.c_str(), &info) != 0) {
    return sys_error(fmt::format("file system of '{}'", directory));
  }
  for (const UnfitFileSystem& unfit : kUnfit) {
    if (info.f_type == unfit.magic) {
      return make_error(
          Code::kUnsupported,
          fmt::format("'{}' is on {}, which cannot hold a container's files; put cmp's state directory on "
                      "ext4, xfs, btrfs or tmpfs",
                      directory, unfit.name));
    }
  }
  return {};
}

Status make_container_directories(const ContainerDirectories& directories) {
  CMP_CHECK(make_with_mode(directories.upper, 0755));
  CMP_CHECK(check_file_system(directories.upper));
  CMP_CHECK(make_with_mode(directories.work, 0700));
  return make_with_mode(directories.root, 0755);
}

Status remove_container_directories(const ContainerDirectories& directories) {
  for (const std::string* directory : {&directories.upper, &directories.work, &directories.root}) {
    CMP_CHECK(remove_forcibly(*directory));
  }
  return {};
}

Status make_volume(const std::string& data_directory) {
  return make_with_mode(data_directory, 0755);
}

Status remove_forcibly(const std::string& directory) {
  if (const auto removed = sys::remove_tree(directory)) {
    return {};
  }
  CMP_CHECK(unlock_tree(directory).context(fmt::format("remove '{}'", directory)));
  return sys::remove_tree(directory);
}

}  // namespace cmp::rootfs
