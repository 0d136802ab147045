#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "state/record.hpp"

namespace cmp::cli {

/// The running replica of `service` with number `index`; 0 is the one with the lowest. `records` are sorted by number.
/// Errors: kNotFound in Docker Compose's words.
[[nodiscard]] Result<state::ContainerRecord> running_container(const std::vector<state::ContainerRecord>& records,
                                                               const std::string& service, int index);

}  // namespace cmp::cli
