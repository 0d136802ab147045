#pragma once
// Who may start or end the supervisor of a project. The lock file is removed with the project, so a lock counts only if
// the path still leads to the file that was locked.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::state {

/// Waits for the exclusive lock (flock(2)); held until the descriptor is closed. Makes the directory it lies in.
[[nodiscard]] Result<UniqueFd> lock(const std::string& path);

}  // namespace cmp::state
