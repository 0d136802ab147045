#pragma once
// Volumes with driver_opts: what they name is mounted on their directory while containers use them.

#include <string>

#include "base/result.hpp"
#include "rootfs/volume_options.hpp"

namespace cmp::rootfs {

/// Mounts it on `directory` unless something is mounted there already. A file gets a loop device, which goes with the
/// mount. Errors say what was to be mounted and the kernel's reason in words.
[[nodiscard]] Status mount_volume(const VolumeMount& mount, const std::string& directory);

/// True if something is mounted on the directory.
[[nodiscard]] bool is_mount_point(const std::string& directory);

/// Takes it away, also where somebody on the host still looks at it; nothing mounted is success.
[[nodiscard]] Status unmount_volume(const std::string& directory);

}  // namespace cmp::rootfs
