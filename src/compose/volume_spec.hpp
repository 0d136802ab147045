#pragma once
// The short syntax of services.*.volumes (compose-spec.md section 3): [SOURCE:]TARGET[:OPTIONS].

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::compose {

struct VolumeSpec {
  std::string source, target;  ///< no source: an anonymous volume
  bool bind = false;           ///< else a volume
  bool read_only = false;
  bool nocopy = false;
  bool bare = false;  ///< so short that nothing but the target was looked at
  std::string propagation;
  std::string selinux;  ///< "z" or "Z"
  friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

/// A source that starts like a path is bound, any other is a volume's name. Unknown options are ignored, and one
/// letter before a colon is taken for a Windows drive, as in Docker Compose.
[[nodiscard]] Result<VolumeSpec> parse_volume_spec(std::string_view text);

}  // namespace cmp::compose
