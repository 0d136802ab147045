#pragma once
// The way back: each `up` that has succeeded and changed something is a numbered generation on disk, with the project
// as it was resolved, the images' ids among it. The bytes of secrets and configs are never in it, only their digests.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

struct Generation {
  int number = 0;
  WallTime created_at;
  std::string who;                           ///< "cmp up (pid 123)"
  std::vector<std::string> services;         ///< that the command named; empty is all
  model::Project project;                    ///< as it was resolved
  std::map<std::string, std::string> files;  ///< path of each compose file → digest of its bytes
};

/// So many are kept.
inline constexpr std::size_t kKeptGenerations = 20;

/// Writes the project down as the next generation, unless it is the last one again, and forgets the oldest.
[[nodiscard]] Status add_generation(const state::Paths& paths, const std::string& who,
                                    const std::vector<std::string>& services, const model::Project& project);

/// Their numbers, the oldest first.
[[nodiscard]] std::vector<int> generation_numbers(const state::Paths& paths);

/// kNotFound names those that there are.
[[nodiscard]] Result<Generation> read_generation(const state::Paths& paths, int number);

/// The last one; nothing if there is none.
[[nodiscard]] std::optional<Generation> last_generation(const state::Paths& paths);

}  // namespace cmp::supervisor
