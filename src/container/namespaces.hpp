#pragma once
// Which namespaces a container gets, and what of a service does not go together with that. Pure.

#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// What cannot be had of network_mode, pid, ipc, uts, cgroup, userns_mode and of the keys that depend on them, each
/// with its place in the file. As in Docker (runconfig's validation), where that has an opinion.
[[nodiscard]] std::vector<Error> check_namespaces(const model::Service& service);

/// What this one runtime cannot do: runtime, isolation, storage_opt but size; and a working_dir that
/// is no absolute path.
[[nodiscard]] std::vector<Error> check_platform(const model::Service& service);

/// Fills what the process is born in.
[[nodiscard]] Status add_birth(const model::Service& service, const Facts& facts, LaunchSpec& spec);

/// The steps that join and make the others. They come after the cgroups are joined, so that the cgroup namespace has
/// those as its root.
[[nodiscard]] Result<std::vector<Step>> namespace_steps(const model::Service& service, const Facts& facts);

}  // namespace cmp::container
