#pragma once
// The options of a mount in config.json: words for mount(8), those of the specification, and the rest for the file
// system itself.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/bundle_steps.hpp"

namespace cmp::oci {

struct MountOptions {
  std::uint64_t flags = 0;      ///< MS_*, for a new file system
  container::MountFlags bound;  ///< the same for a bind; for both: what reaches below, and the propagation
  std::string data;             ///< what is no option of mount(8), with commas between
  bool bind = false;
  bool recursive = false;     ///< rbind
  bool copy_up = false;       ///< tmpcopyup
  bool mapped = false;        ///< idmap: the ids are mapped
  bool mapped_below = false;  ///< ridmap: those of all mounts below, too
};

/// config.md, Linux mount options. A later word wins over an earlier one. kUnsupported: ranges in the option itself.
[[nodiscard]] Result<MountOptions> parse_mount_options(const std::vector<std::string>& options);

/// Every word that is known, sorted: `features` lists them.
[[nodiscard]] std::vector<std::string> known_mount_options();

}  // namespace cmp::oci
