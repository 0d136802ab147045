#pragma once
// Volumes whose definition has changed since they were made: whether they are made anew is asked.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::cli {

enum class Answer { kYes, kNo, kAsk };

/// Keys of those that may be made anew: all of them, none, or those that somebody on a terminal agrees to.
/// \param services  named on the command line; only volumes that those use are looked at
[[nodiscard]] Result<std::vector<std::string>> volumes_to_recreate(const model::Project& project,
                                                                   const std::vector<std::string>& services,
                                                                   Answer answer);

}  // namespace cmp::cli
