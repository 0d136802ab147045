#pragma once
// x-owner: which ids an idmapped mount shows for which on disk (mount_setattr(2), MOUNT_ATTR_IDMAP).

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "container/launch_spec.hpp"

namespace cmp::init {

struct OwnerMapping {
  container::HostOwner owner;
  unsigned uid = 0, gid = 0;  ///< of the service, inside
  UniqueFd user_namespace;    ///< none where both are the same already
};

/// Looks the service's user up in the /etc/passwd and /etc/group below `root`, and makes the mapping that shows the
/// owner on the host as that user, that user as the owner, and everybody else as they are.
[[nodiscard]] Result<OwnerMapping> map_owner(int root, const container::HostOwner& owner);

}  // namespace cmp::init
