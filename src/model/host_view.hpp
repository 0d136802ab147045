#pragma once
// What a service with `x-rootfs: host` must not see of the host it runs on.

#include <string>

namespace cmp::model {

/// One directory of the layer that hides parts of the host. A hidden one appears empty; the others are there only to
/// hold those and stay what they are on the host. Mode and owner are the host's.
struct HiddenDirectory {
  std::string path;  ///< absolute, as on the host
  unsigned mode = 0755;
  unsigned uid = 0, gid = 0;
  bool hidden = true;
  friend bool operator==(const HiddenDirectory&, const HiddenDirectory&) = default;
};

}  // namespace cmp::model
