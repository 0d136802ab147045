#pragma once
// Reaping one child.

#include <sys/types.h>

#include "base/result.hpp"
#include "sys/process.hpp"

namespace cmp::sys {

/// Waits for a child of this process to end and reaps it.
[[nodiscard]] Result<ExitStatus> wait_for_child(pid_t pid);

}  // namespace cmp::sys
