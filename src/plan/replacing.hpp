#pragma once
// From what was decided to how the containers of one service are replaced in turn.

#include <vector>

#include "plan/decide.hpp"
#include "plan/rollout.hpp"

namespace cmp::plan {

/// Services that say how they are updated are replaced in turn, unless somebody lives in their namespaces, they have
/// hooks, or a network or volume of theirs has to go in between; then a warning says so.
void decide_rollouts(const model::Project& project, const Observed& observed, const UpOptions& options, Decisions& out);

/// Nothing is replaced in it if none of the service's containers is to go in its turn. There are as many extra ones as
/// go at a time where the update is start-first, less those that one which was broken off has left.
[[nodiscard]] Rollout rollout_of(const model::Project& project, const model::Service& service,
                                 const std::vector<Decision>& decisions);

/// Sorted, each once.
[[nodiscard]] std::vector<int> without_doubles(std::vector<int> ids);

}  // namespace cmp::plan
