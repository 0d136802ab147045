#pragma once
// Device nodes of this host: all for services with `privileged: true`, some by name.

#include <string>
#include <vector>

#include "base/result.hpp"

namespace cmp::sys {

struct HostDevice {
  std::string path;  ///< "/dev/fuse"
  unsigned major = 0, minor = 0, mode = 0, uid = 0, gid = 0;
  char type = 'c';        ///< 'c' or 'b'
  std::size_t below = 0;  ///< how much of the path is what was asked for: the rest is the place in a directory
};

/// Nodes under /dev, sorted, without those that every container has of its own (pts, shm, mqueue, null …).
[[nodiscard]] std::vector<HostDevice> host_devices();

/// The device that a path leads to, links followed; of a directory, all below it. kNotFound: nothing is there;
/// kInvalid: something else is, or a directory without a device.
[[nodiscard]] Result<std::vector<HostDevice>> find_host_devices(const std::string& path);

}  // namespace cmp::sys
