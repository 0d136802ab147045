#pragma once
// The real-time budget of a group's parents (v1): a group has at most what its parent has, and a new one has none.

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"
#include "model/project.hpp"

namespace cmp::cgroup {

/// Gives every group on the way down, the group itself excepted, what all those below it need
/// (scheduler/sched-rt-group). Nothing happens without cpu_rt_runtime, or in a hierarchy that has no processor time to
/// give.
[[nodiscard]] Status grant_real_time(const Hierarchy& hierarchy, const Group& group, const model::Limits& limits);

}  // namespace cmp::cgroup
