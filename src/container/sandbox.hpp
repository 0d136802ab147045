#pragma once
// What a container may not touch, and how much it may use: masked and read-only paths, sysctls, resource limits,
// capabilities.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// Read-only paths first, then masks, as runc does.
[[nodiscard]] std::vector<Step> path_guards(const std::vector<std::string>& extra_masked);

/// Docker's two defaults with an own network, and the service's; sorted by key. Only what belongs to a namespace of the
/// container itself may be set.
[[nodiscard]] Result<std::vector<Step>> sysctl_steps(const model::Service& service);

/// `ulimits`, in order of their names.
[[nodiscard]] Result<std::vector<Step>> limit_steps(const model::Service& service);

/// The capabilities of the service's root, and its bounding set. Errors have the place in the file.
[[nodiscard]] Result<std::uint64_t> capability_mask(const model::Service& service, std::uint64_t available);

/// Capabilities, user, groups, no_new_privs and the seccomp filter.
[[nodiscard]] Result<Credentials> credentials_for(const model::Service& service, const Facts& facts);

}  // namespace cmp::container
