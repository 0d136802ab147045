#pragma once
// The mounts of a namespace as the kernel lists them (proc_pid_mountinfo(5)). Pure.

#include <string>
#include <string_view>
#include <vector>

namespace cmp::sys {

struct MountEntry {
  std::string root;           ///< the part of the file system that is seen at `point`
  std::string point;          ///< where
  std::string propagation;    ///< "shared", "slave" or "" for private; "shared" if it is both
  std::string type;           ///< "proc", "cgroup2", …
  std::string super_options;  ///< of the file system: "rw,memory"
  friend bool operator==(const MountEntry&, const MountEntry&) = default;
};

/// The lines of a mountinfo, in its order: a later one lies on top of an earlier one. What is no such line is left out.
[[nodiscard]] std::vector<MountEntry> parse_mount_table(std::string_view mountinfo);

}  // namespace cmp::sys
