#pragma once
// What a network's definition says in vain.

#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::engine {

/// Subnets beyond the first of each family, and driver options that nobody reads, each with its place in the file and
/// the nearest option that there is.
[[nodiscard]] std::vector<Error> network_warnings(const model::Network& network);

}  // namespace cmp::engine
