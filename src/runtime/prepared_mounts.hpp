#pragma once
// Binds whose sources are opened by the parent: those that a user namespace's root could not reach, and id-mapped ones.

#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "oci/compile.hpp"

namespace cmp::runtime {

/// Clones them and numbers the steps (BindMount::prepared). \returns the mounts by number
[[nodiscard]] Result<std::vector<UniqueFd>> prepare_mounts(oci::Launch& launch);

}  // namespace cmp::runtime
