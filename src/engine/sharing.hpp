#pragma once
// Whose namespaces a container joins (network_mode, pid, ipc, uts: service:x and container:x), looked up at the moment
// it is launched: the owner may be another one each time.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "engine/context.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Sets hostname, etc_dir and shares of the record. Errors: kNotFound, an owner does not run; kInvalid, it does not
/// share; both with the place in the file.
[[nodiscard]] Status find_owners(const Context& context, const model::Project& project, state::ContainerRecord& record);

/// Whether a service may join the IPC namespace of that container, made from `owner`. Error kInvalid with the place.
[[nodiscard]] Status check_shareable(const model::Service& service, const std::string& container,
                                     const model::Service& owner);

/// What the launch needs of it.
[[nodiscard]] std::map<std::string, container::Owner> owners_of(const state::ContainerRecord& record);

/// A process whose namespaces the container is in has ended: it is in one that nobody brings back.
[[nodiscard]] bool is_orphaned(const state::ContainerRecord& record);

}  // namespace cmp::engine
