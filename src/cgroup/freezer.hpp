#pragma once
// Freezing one directory of a group, for freeze() and kill_all().

#include "cgroup/directory.hpp"

namespace cmp::cgroup {

/// True if this hierarchy can freeze the group.
[[nodiscard]] bool can_freeze(const OpenGroup& group);

/// Freezes or thaws and waits until it has happened; kConflict if it does not in two seconds.
[[nodiscard]] Status freeze_group(const OpenGroup& group, bool frozen);

}  // namespace cmp::cgroup
