#pragma once
// User namespaces that are only there for their id mapping: what MOUNT_ATTR_IDMAP of mount_setattr(2) takes.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// Two ids that change places.
struct Swap {
  unsigned a = 0, b = 0;
};

/// The lines of uid_map or gid_map (user_namespaces(7)) in which the two change places and everybody else stays. Pure.
[[nodiscard]] std::string swapping_map(Swap ids);

/// A user namespace with these mappings, kept by its descriptor. Needs /proc of this process's pid namespace or of one
/// around it. Errors: the kernel has no user namespaces, or allows no more.
[[nodiscard]] Result<UniqueFd> swapping_user_namespace(Swap uids, Swap gids);

/// Shows the owners of a mount that is nowhere yet as the namespace maps them. kUnsupported: its file system, of which
/// `what` is the place, or this kernel (before 5.12) cannot do that.
[[nodiscard]] Status map_owners(int mount, int user_namespace, const std::string& what);

}  // namespace cmp::sys
