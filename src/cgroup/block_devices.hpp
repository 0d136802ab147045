#pragma once
// Block devices as cgroup files name them.

#include <string>

#include "base/result.hpp"

namespace cmp::cgroup {

/// "8:0" for /dev/sda. Errors: it is missing, or no block device.
[[nodiscard]] Result<std::string> device_number(const std::string& path);

/// Some disk's scheduler can be BFQ, or the host has the io cost model: what gives weights an effect.
[[nodiscard]] bool has_io_weights(const std::string& cgroup_v2_root);

}  // namespace cmp::cgroup
