#include "sys/mount.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

namespace cmp::sys {

namespace {

struct Suspect {
  std::string_view type;  // "" fits every type
  int err;
  std::string_view words;
};

// The first row that fits wins.
constexpr std::array kSuspects = {
    Suspect{"overlay", ELOOP, "lower and upper directories overlap"},
    Suspect{"overlay", EINVAL,
            "the upper directory's file system cannot hold an overlay: it may be an overlay itself, or a network file "
            "system; put cmp's state directory on ext4, xfs, btrfs or tmpfs"},
    Suspect{"overlay", ENODEV, "this kernel has no overlay file system: modprobe overlay"},
    Suspect{"overlay", EBUSY, "the upper or work directory is in use by another overlay"},
    Suspect{"overlay", ENOENT, "a lower, upper or work directory is missing"},
    Suspect{"overlay", ESTALE, "the upper directory was used with other lower directories before"},
    Suspect{"overlay", EXDEV, "the upper and the work directory are on different file systems"},
    Suspect{"cgroup", EBUSY, "the controller is in use in another hierarchy"},
    Suspect{"", ENOSPC, "the limit of mounts is reached: sysctl fs.mount-max"},
    Suspect{"", ENODEV, "this kernel does not have that file system"},
    Suspect{"", ENOTDIR, "a directory on a file, or a file on a directory"},
    Suspect{"", EPERM, "needs CAP_SYS_ADMIN, or the mount is locked by an outer container"},
    Suspect{"", ELOOP, "a symbolic link where none may be"},
};

const char* pointer_or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

std::string on(std::string_view type, std::string_view source, std::string_view target) {
  return type.empty() ? fmt::format("mount '{}' on '{}'", source, target)
                      : fmt::format("mount {} on '{}'", type, target);
}

}  // namespace

Error mount_error(std::string_view what, std::string_view type, int err) {
  Error error = sys_error(what, err);
  for (const Suspect& suspect : kSuspects) {
    if (suspect.err == err && (suspect.type.empty() || suspect.type == type)) {
      error.message += fmt::format(" ({})", suspect.words);
      break;
    }
  }
  return error;
}

Status mount(const std::string& source, const std::string& target, const std::string& type, unsigned long flags,
             const std::string& data) {
  if (::mount(pointer_or_null(source), target.c_str(), pointer_or_null(type), flags, pointer_or_null(data)) != 0) {
    const int err = errno;
    return mount_error(on(type, source, target), type, err);
  }
  return {};
}

Status umount(const std::string& target, int flags) {
  if (::umount2(target.c_str(), flags) != 0) {
    return sys_error(fmt::format("unmount '{}'", target));
  }
  return {};
}

Status pivot_root(const std::string& new_root, const std::string& put_old) {
  if (::syscall(SYS_pivot_root, new_root.c_str(), put_old.c_str()) != 0) {
    const int err = errno;
    Error error = sys_error("pivot_root", err);
    if (err == EINVAL) {
      error.message += " (the new root is not a mount point, or the current root is an initramfs or shared)";
    }
    return error;
  }
  return {};
}

Result<UniqueFd> open_tree(int dir, const std::string& path, unsigned flags) {
  const auto fd = static_cast<int>(::syscall(SYS_open_tree, dir, path.c_str(), flags | OPEN_TREE_CLOEXEC));
  if (fd < 0) {
    const int err = errno;
    return mount_error(fmt::format("open mount '{}'", path), "", err);
  }
  return UniqueFd(fd);
}

Status move_mount(int mount_fd, int dir, const std::string& path) {
  const unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (path.empty() ? MOVE_MOUNT_T_EMPTY_PATH : 0U);
  if (::syscall(SYS_move_mount, mount_fd, "", dir, path.c_str(), flags) != 0) {
    const int err = errno;
    return mount_error(path.empty() ? std::string("attach mount") : fmt::format("attach mount on '{}'", path), "", err);
  }
  return {};
}

Status mount_setattr(int mount_fd, const MountAttributes& attributes, Reach reach) {
  struct mount_attr attr {};

  attr.attr_set = attributes.set;
  attr.attr_clr = attributes.clear;
  attr.propagation = attributes.propagation;
  attr.userns_fd = attributes.user_namespace < 0 ? __u64{0} : static_cast<__u64>(attributes.user_namespace);
  const unsigned flags = AT_EMPTY_PATH | (reach == Reach::kWholeTree ? unsigned{AT_RECURSIVE} : 0U);
  if (::syscall(SYS_mount_setattr, mount_fd, "", flags, &attr, sizeof attr) != 0) {
    const int err = errno;
    Error error = mount_error("change mount attributes", "", err);
    if (err == ENOSYS) {
      error.code = Code::kUnsupported;
    }
    return error;
  }
  return {};
}

Result<UniqueFd> mount_detached(const std::string& type,
                                const std::vector<std::pair<std::string, std::string>>& options) {
  const UniqueFd context(static_cast<int>(::syscall(SYS_fsopen, type.c_str(), FSOPEN_CLOEXEC)));
  if (!context) {
    const int err = errno;
    return mount_error(fmt::format("open file system {}", type), type, err);
  }
  for (const auto& [key, value] : options) {
    const auto command = value.empty() ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING;
    if (::syscall(SYS_fsconfig, context.get(), command, key.c_str(), pointer_or_null(value), 0) != 0) {
      return sys_error(fmt::format("set {} option '{}' to '{}'", type, key, value));
    }
  }
  if (::syscall(SYS_fsconfig, context.get(), FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) != 0) {
    const int err = errno;
    return mount_error(fmt::format("create {}", type), type, err);
  }
  UniqueFd mounted(static_cast<int>(::syscall(SYS_fsmount, context.get(), FSMOUNT_CLOEXEC, 0)));
  if (!mounted) {
    const int err = errno;
    return mount_error(fmt::format("mount {}", type), type, err);
  }
  return mounted;
}

}  // namespace cmp::sys
