#pragma once
// What is wrong with the networks of a file, seen without looking at the host. Pure.

#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::engine {

/// All of it, each with its place: subnets that are none or overlap, addresses outside of their subnet, values that a
/// driver option does not have, two networks on one bridge; and of services, addresses that cannot be had there and
/// interfaces that cannot be called so.
[[nodiscard]] std::vector<Error> network_errors(const model::Project& project);

}  // namespace cmp::engine
