#pragma once
// The host's views of the kernel, where its mounts stay beneath the container's root.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cmp::init {

/// Where a proc or a sysfs is mounted by `mountinfo` (proc(5)), the last first, but not beneath `root`.
[[nodiscard]] std::vector<std::string> kernel_views(std::string_view mountinfo, const std::string& root);

/// Without pivot_root(2) the host's mounts stay beneath the container's: a whole /proc or /sys among them would allow a
/// user namespace in the container to mount one of its own, without masks. Takes them away, or covers them.
/// \param root  the container's, whose own are left
[[nodiscard]] Status leave_kernel_views(const std::string& root);

}  // namespace cmp::init
