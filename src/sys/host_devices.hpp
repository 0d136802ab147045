#pragma once
// The device nodes of this host, for services with `privileged: true`.

#include <string>
#include <vector>

namespace cmp::sys {

struct HostDevice {
  std::string path;  ///< "/dev/fuse"
  unsigned major = 0, minor = 0, mode = 0;
  char type = 'c';  ///< 'c' or 'b'
};

/// Nodes under /dev, sorted, without those that every container has of its own (pts, shm, mqueue, null …).
[[nodiscard]] std::vector<HostDevice> host_devices();

}  // namespace cmp::sys
