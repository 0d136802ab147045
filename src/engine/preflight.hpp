#pragma once
// What can be known to fail before anything is made. All of it at once.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/context.hpp"
#include "model/project.hpp"
#include "plan/plan.hpp"

namespace cmp::engine {

/// Whether a process with these effective capabilities (bits of a mask) can make containers. kPermission names what it
/// lacks.
[[nodiscard]] Status check_privileges(std::uint64_t effective);

/// Whether this host can run containers at all: capabilities, overlay, a cgroup to write. Before a supervisor is
/// started: one that cannot do its work is never there.
[[nodiscard]] Status check_host();

/// Looks at every service that the plan prepares: mount sources, images that are not in the store, limits that this
/// host can't express, signals that are none. Changes nothing; what it compiles on the way
/// (seccomp profiles) is kept for the launches.
/// What the host cannot do and a service can do without is said in the plan's warnings.
[[nodiscard]] Status preflight(Context& context, const model::Project& project, plan::Plan& plan);

/// What will work less well than the file hopes, one line each.
[[nodiscard]] std::vector<std::string> preflight_warnings(const model::Project& project, const plan::Plan& plan);

}  // namespace cmp::engine
