#pragma once
// A container's file system as it sees it, for who copies from and to it.

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Its root directory (O_PATH), with its volumes. That of one that does not run is mounted in a mount namespace that
/// the calling process enters for it; its working directory is another one then.
[[nodiscard]] Result<UniqueFd> open_container_root(const state::Paths& paths, const state::ContainerRecord& record);

}  // namespace cmp::engine
