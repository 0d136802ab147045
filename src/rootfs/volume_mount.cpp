#include "rootfs/volume_mount.hpp"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

#include <fmt/core.h>

#include "base/unique_fd.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace cmp::rootfs {

namespace {

/// The loop device goes by itself when nobody has it open or mounted any more.
struct LoopDevice {
  std::string path;
  UniqueFd fd;
};

Result<LoopDevice> attach_loop(const std::string& file, bool read_only) {
  CMP_TRY(const UniqueFd backing, sys::open_file(file, read_only ? O_RDONLY : O_RDWR));
  CMP_TRY(const UniqueFd control, sys::open_file("/dev/loop-control", O_RDWR).context("loop devices"));

  struct loop_config config {};

  config.fd = static_cast<unsigned>(backing.get());
  config.info.lo_flags = LO_FLAGS_AUTOCLEAR | (read_only ? unsigned{LO_FLAGS_READ_ONLY} : 0U);
  std::strncpy(reinterpret_cast<char*>(config.info.lo_file_name), file.c_str(), LO_NAME_SIZE - 1);
  // Somebody else may take the free one between the two calls.
  for (int attempt = 0;; ++attempt) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) {
      return sys_error("find a free loop device");
    }
    LoopDevice device{fmt::format("/dev/loop{}", number), UniqueFd()};
    CMP_TRY(device.fd, sys::open_file(device.path, read_only ? O_RDONLY : O_RDWR));
    if (::ioctl(device.fd.get(), LOOP_CONFIGURE, &config) == 0) {
      return device;
    }
    constexpr int kMostAttempts = 50;
    if (errno != EBUSY || attempt == kMostAttempts) {
      return sys_error(fmt::format("attach '{}' to {}", file, device.path));
    }
  }
}

bool is_file(const std::string& path) {
  struct stat info {};

  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Status mount_bind(const VolumeMount& mount, const std::string& directory) {
  const unsigned long recursive = mount.flags & MS_REC;
  CMP_CHECK(sys::mount(mount.device, directory, "", MS_BIND | recursive, ""));
  const unsigned long rest = mount.flags & ~static_cast<unsigned long>(MS_BIND | MS_REC);
  Status changed = rest == 0 ? Status() : sys::mount("", directory, "", MS_BIND | MS_REMOUNT | rest, "");
  if (!changed) {
    static_cast<void>(unmount_volume(directory));
  }
  return changed;
}

/// As util-linux has it: a plain file is mounted by a loop device, asked for or not.
Status mount_file_system(const VolumeMount& mount, const std::string& directory) {
  const bool network = mount.device.find(':') != std::string::npos && !mount.device.starts_with('/');
  const bool loop = mount.loop || (!network && is_file(mount.device));
  LoopDevice device;
  if (loop) {
    CMP_TRY(device, attach_loop(mount.device, (mount.flags & MS_RDONLY) != 0));
  }
  return sys::mount(loop ? device.path : mount.device, directory, mount.type, mount.flags, mount.data);
}

/// What mount.nfs does in user space, the kernel does not.
std::string hint(const VolumeMount& mount, const Error& error) {
  if (mount.type.starts_with("nfs") && mount.data.find("addr=") == std::string::npos) {
    return " (nfs needs addr=ADDRESS of the server among its options)";
  }
  if (mount.type.starts_with("nfs") && error.os_errno == EINVAL) {
    return " (addr= must be the server's IP address)";
  }
  return "";
}

}  // namespace

bool is_mount_point(const std::string& directory) {
  struct statx info {};

  return ::statx(AT_FDCWD, directory.c_str(), AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &info) == 0 &&
         (info.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

Status mount_volume(const VolumeMount& mount, const std::string& directory) {
  if (is_mount_point(directory)) {
    return {};
  }
  if (Status mounted = mount.bind ? mount_bind(mount, directory) : mount_file_system(mount, directory); !mounted) {
    Error error = std::move(mounted).error();
    error.message += hint(mount, error);
    return std::move(error).context(fmt::format("'{}'", mount.device));
  }
  return {};
}

Status unmount_volume(const std::string& directory) {
  while (is_mount_point(directory)) {
    CMP_CHECK(sys::umount(directory, MNT_DETACH | UMOUNT_NOFOLLOW));
  }
  return {};
}

}  // namespace cmp::rootfs
