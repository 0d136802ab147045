#pragma once
// Mounts through file descriptors: mount(2), open_tree(2), move_mount(2), mount_setattr(2), fsopen(2), pivot_root(2).
// Every failure says the usual suspects in words, because the kernel's errno alone misleads here.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// An error of a mount call on a file system of `type` ("" for binds and moves): "`what`: reason (suspect)".
/// mount(2), overlayfs.rst: ELOOP from overlay means overlapping directories, ENOSPC the mount limit.
[[nodiscard]] Error mount_error(std::string_view what, std::string_view type, int err = errno);

/// mount(2). `flags` are MS_*; "" for `source`, `type` and `data` passes nothing.
[[nodiscard]] Status mount(const std::string& source, const std::string& target, const std::string& type,
                           unsigned long flags, const std::string& data);

/// umount2(2); `flags` are MNT_* and UMOUNT_NOFOLLOW.
[[nodiscard]] Status umount(const std::string& target, int flags);

/// pivot_root(2). With "." twice the old root lies on top of the new one and is taken away by umount(".", MNT_DETACH).
[[nodiscard]] Status pivot_root(const std::string& new_root, const std::string& put_old);

/// open_tree(2); `flags` are OPEN_TREE_CLONE, AT_RECURSIVE, AT_EMPTY_PATH …; OPEN_TREE_CLOEXEC is added.
[[nodiscard]] Result<UniqueFd> open_tree(int dir, const std::string& path, unsigned flags);

/// move_mount(2): puts the mount of descriptor `mount_fd` on `path` below `dir`, or on `dir` itself if `path` is "".
/// Does not follow a symbolic link in the last component.
[[nodiscard]] Status move_mount(int mount_fd, int dir, const std::string& path);

/// What mount_setattr(2) changes: MOUNT_ATTR_* to set and to clear, and MS_PRIVATE, MS_SLAVE, … or 0.
struct MountAttributes {
  std::uint64_t set = 0, clear = 0, propagation = 0;
  int user_namespace = -1;  ///< with MOUNT_ATTR_IDMAP: whose ids are taken (Linux 5.12)
};

enum class Reach { kThisMount, kWholeTree };

/// mount_setattr(2) on the mount of a descriptor. Before Linux 5.12 (ENOSYS): kUnsupported.
[[nodiscard]] Status mount_setattr(int mount_fd, const MountAttributes& attributes, Reach reach);

/// fsopen(2), fsconfig(2), fsmount(2): a mount that is nowhere yet. Options are set in order; an empty value is a flag.
/// Each value may have 255 bytes, but their number is not limited, unlike mount(2)'s one page for all.
[[nodiscard]] Result<UniqueFd> mount_detached(const std::string& type,
                                              const std::vector<std::pair<std::string, std::string>>& options);

}  // namespace cmp::sys
