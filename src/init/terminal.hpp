#pragma once
// The terminal of a service with `tty: true`.

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::init {

/// Makes a pseudo-terminal of the container's own devpts, puts its side of the program on descriptors 0, 1 and 2 and on
/// /dev/console, as runc does. To be called with the container's root as the root. \returns the controller.
[[nodiscard]] Result<UniqueFd> make_terminal();

}  // namespace cmp::init
