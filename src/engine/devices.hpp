#pragma once
// The devices that a service asks for, found on this host.

#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "engine/context.hpp"
#include "model/project.hpp"

namespace cmp::engine {

/// A device as it is, behind whatever links; a directory as all devices below it. kNotFound, kInvalid: no such device,
/// or no device. Errors have the place in the file.
[[nodiscard]] Result<std::vector<container::ResolvedDevice>> find_devices(const model::Service& service);

/// What a container of the service may not do with devices: makes sure that this host can forbid it. Where it cannot
/// and the service asks for nothing of the kind, `warning` says so; its containers then cannot make device nodes
/// either.
[[nodiscard]] Status check_devices(Context& context, const model::Service& service, std::string& warning);

/// Puts the service's rules on the container's group. Nothing to do for a privileged one.
[[nodiscard]] Status restrict_devices(Context& context, const model::Service& service, const cgroup::Group& group,
                                      const std::vector<container::ResolvedDevice>& devices);

/// The capabilities that a container of the service may have: not to make device nodes where nothing keeps it from
/// using them.
[[nodiscard]] std::uint64_t available_capabilities(Context& context, const model::Service& service);

}  // namespace cmp::engine
