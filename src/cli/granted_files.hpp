#pragma once
// The bytes of secrets and configs, for a request that brings services up: they are read here, where the caller's
// environment and directory are, and travel in memory.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "compose/load.hpp"
#include "engine/grants.hpp"

namespace cmp::cli {

/// Reads what the services (empty: all) and those they depend on are granted, notes in their grants what it is
/// (FileGrant::digest), and packs it (engine/grants.hpp). \returns nothing if there is nothing. Every error has its
/// place in the file: a file that is missing, a variable that is not set.
[[nodiscard]] Result<UniqueFd> collect_granted_files(compose::Loaded& loaded, const std::vector<std::string>& services);

}  // namespace cmp::cli
