#pragma once
// Keeping a container from devices: a program on its v2 group, or the lists of its v1 group. Only here is known which.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "cgroup/cgroup.hpp"
#include "model/device.hpp"

namespace cmp::cgroup {

/// Lives as long as the supervisor: one loaded program serves all groups with the same rules.
class DeviceControl {
 public:
  /// Makes sure that this host can express the rules, and gets them ready. kUnsupported: it can't, with the reason.
  [[nodiscard]] Status prepare(const Layout& layout, const std::vector<model::DeviceRule>& rules);

  /// Puts the rules on a group that create() has made and nobody has joined yet.
  [[nodiscard]] Status apply(const Layout& layout, const Group& group, const std::vector<model::DeviceRule>& rules);

 private:
  std::map<std::string, UniqueFd> loaded_;  ///< by program
};

}  // namespace cmp::cgroup
