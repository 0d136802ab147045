#pragma once
// What a container may not touch, and how much it may use: masked and read-only paths, sysctls, resource limits,
// capabilities, security_opt.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// security_opt, read. What this release cannot honour is an error: a box weaker than asked for is worse than none.
struct SecurityOptions {
  bool no_new_privs = false;
  bool unconfined_paths = false;  ///< systempaths=unconfined: no masked and no read-only paths
};

[[nodiscard]] Result<SecurityOptions> security_options(const model::Service& service);

/// Read-only paths first, then masks, as runc does.
[[nodiscard]] std::vector<Step> path_guards(const std::vector<std::string>& extra_masked);

/// Docker's two defaults with an own network, and the service's; sorted by key. Only what belongs to a namespace of the
/// container itself may be set.
[[nodiscard]] Result<std::vector<Step>> sysctl_steps(const model::Service& service, bool own_network);

/// `ulimits`, in order of their names.
[[nodiscard]] Result<std::vector<Step>> limit_steps(const model::Service& service);

/// Capabilities, user, groups and no_new_privs.
[[nodiscard]] Result<Credentials> credentials_for(const model::Service& service, const Facts& facts);

}  // namespace cmp::container
