#pragma once

#include <vector>

#include "base/result.hpp"
#include "cgroup/resources.hpp"
#include "model/device.hpp"
#include "oci/config.hpp"

namespace cmp::oci {

/// Which devices the container may open: none but what linux.resources.devices allows, whether or not that list begins
/// with a denial (a list that does not is no reason to allow everything, GHSA-g54h-m393-cpwq), and those that every
/// container has. Nodes may always be made.
[[nodiscard]] std::vector<cgroup::DeviceRule> device_rules(const Config& config);

/// The same as a list of what is allowed, for a program on cgroup v2. kUnsupported: a denial of single devices after
/// everything has been allowed.
[[nodiscard]] Result<std::vector<model::DeviceRule>> allowed_devices(const std::vector<cgroup::DeviceRule>& rules);

}  // namespace cmp::oci
