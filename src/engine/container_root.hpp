#pragma once
// A container's file system as it sees it, for who copies from and to it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Its root directory (O_PATH), with its volumes. That of one that does not run is mounted in a mount namespace that
/// the calling process enters for it: once for each process. `project` has the volumes' names.
[[nodiscard]] Result<UniqueFd> open_container_root(const state::Paths& paths, const model::Project& project,
                                                   const state::ContainerRecord& record);

}  // namespace cmp::engine
