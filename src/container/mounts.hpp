#pragma once
// The mount table of a container, in order: Docker's default mounts, devices and links, then the service's own.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// `path` without "//", "." and "..", which cannot climb above "/".
[[nodiscard]] std::string clean_path(const std::string& path);

/// True for the files of /proc that programs such as lxcfs stand in for (runc, rootfs_linux.go). Everything else there
/// is the kernel's to tell: nothing may be mounted on it (CVE-2019-16884).
[[nodiscard]] bool is_stand_in(const std::string& path);

/// Everything that is mounted on the new root before it becomes the root. Errors name the place of the volume.
[[nodiscard]] Result<std::vector<Step>> mount_steps(const model::Service& service, const Facts& facts);

/// Takes hold of what is shared with the host, before the container's mounts are cut off from it.
[[nodiscard]] std::vector<Step> pin_steps(const Facts& facts);

/// True if a volume wants to see what the host mounts later (propagation slave, rslave).
[[nodiscard]] bool wants_host_mounts(const Facts& facts);

}  // namespace cmp::container
