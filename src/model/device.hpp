#pragma once
// What a container may do with device nodes, whatever they are called.

#include <optional>
#include <string>

namespace cmp::model {

/// Something is allowed for one device or many. All that no rule allows is forbidden.
struct DeviceRule {
  char type = 'c';                       ///< 'c', 'b', or 'a' for both
  std::optional<unsigned> major, minor;  ///< nothing is every number
  std::string access;                    ///< of r (read), w (write), m (mknod)
  bool required = true;  ///< false: a host that has been forbidden it itself goes without (a default of ours)
  friend bool operator==(const DeviceRule&, const DeviceRule&) = default;
};

}  // namespace cmp::model
