#pragma once
// Who may start or end the supervisor of a project. The lock file is removed with the project, so a lock counts only if
// the path still leads to the file that was locked.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::state {

/// Waits for the exclusive lock (flock(2)); held until the descriptor is closed. Makes the directory it lies in.
[[nodiscard]] Result<UniqueFd> lock(const std::string& path);

/// Waits until nobody has it exclusively; several may hold it.
[[nodiscard]] Result<UniqueFd> lock_shared(const std::string& path);

/// The exclusive lock, or an empty descriptor if somebody holds it.
[[nodiscard]] Result<UniqueFd> try_lock(const std::string& path);

}  // namespace cmp::state
