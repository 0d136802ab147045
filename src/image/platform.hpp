#pragma once
// For which machine an image is. Pure, but for what this machine is.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cmp::image {

/// Go's words for it (OCI image-index.md, `platform`).
struct Platform {
  std::string os = "linux", architecture, variant;

  /// "linux/arm64/v8"
  [[nodiscard]] std::string str() const;
  friend bool operator==(const Platform&, const Platform&) = default;
};

/// "os[/arch[/variant]]" as the Compose Specification has it; a missing architecture is the host's. Common other names
/// (x86_64, aarch64, armhf) are understood. kInvalid: it is no platform; kUnsupported: another system than Linux.
[[nodiscard]] Result<Platform> parse_platform(std::string_view text, const Platform& host);

/// From uname(2).
[[nodiscard]] Platform host_platform();

/// Lower is better: 0 is exactly what is wanted, -1 does not run there. An arm machine also runs older variants.
[[nodiscard]] int distance(const Platform& offered, const Platform& wanted);

}  // namespace cmp::image
