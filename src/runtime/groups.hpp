#pragma once
// The cgroup of a container.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"
#include "oci/config.hpp"
#include "oci/state.hpp"

namespace cmp::runtime {

/// Its path below the root of every hierarchy, without a slash at the start. cgroupsPath is taken from the root whether
/// it begins with a slash or not; "" is the container's id. With `systemd` it is "slice:prefix:name", and the path is
/// the one that systemd would give the scope "prefix-name.scope".
[[nodiscard]] Result<std::string> group_path(const std::string& cgroups_path, const std::string& id, bool systemd);

/// Makes the group and sets its limits; kConflict if somebody is in it. \returns what has no effect on this host.
[[nodiscard]] Result<std::vector<std::string>> make_group(const cgroup::Layout& layout, const std::string& path,
                                                          const oci::Config& config);

/// Kills whoever is in it and removes it. Missing is success.
[[nodiscard]] Status remove_group(const std::string& path);

[[nodiscard]] bool is_frozen(const oci::Record& record);

}  // namespace cmp::runtime
