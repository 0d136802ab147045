#pragma once
// What a request means for what is there: the supervisor carries out this plan, and a dry run prints it.

#include "model/project.hpp"
#include "plan/plan.hpp"
#include "state/paths.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::supervisor {

/// \param wanted  the project as the last `up` has left it; `kill` leaves alone what is not in it
/// Requests that change nothing have no steps.
[[nodiscard]] Result<plan::Plan> plan_for(const Request& request, const plan::Observed& observed,
                                          const model::Project& wanted);

/// What there is, as these records and those of volumes on disk say.
[[nodiscard]] Result<plan::Observed> observe(const state::Paths& paths,
                                             const std::vector<state::ContainerRecord>& containers,
                                             const std::vector<state::NetworkRecord>& networks,
                                             const std::vector<state::NetworkRecord>& neighbour_networks);

}  // namespace cmp::supervisor
