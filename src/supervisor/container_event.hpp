#pragma once
// What those who watch a project are told of a container.

#include "supervisor/container.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::supervisor {

/// Its state now, as kContainer.
[[nodiscard]] Event container_event(const Container& container);

}  // namespace cmp::supervisor
