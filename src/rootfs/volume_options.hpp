#pragma once
// driver_opts of the `local` driver: what mount(8) would be told. Pure.

#include <map>
#include <string>

#include "base/result.hpp"

namespace cmp::rootfs {

struct VolumeMount {
  std::string type;         ///< "nfs", "tmpfs", "ext4", "overlay"; "" for a bind
  std::string device;       ///< a directory, a device, a file with a file system in it, HOST:PATH
  std::string data;         ///< options of the file system
  unsigned long flags = 0;  ///< MS_*
  bool bind = false;
  bool loop = false;  ///< the device is a file

  friend bool operator==(const VolumeMount&, const VolumeMount&) = default;
};

/// Errors, in the words of Docker's driver: an option that it does not have, or one that is missing beside another.
/// With `size` alone (a quota) it is kUnsupported.
[[nodiscard]] Result<VolumeMount> parse_volume_options(const std::map<std::string, std::string>& options);

}  // namespace cmp::rootfs
