#pragma once
// The order of stopping: dependants before what they depend on, everything independent at once.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plan/builder.hpp"

namespace cmp::plan {

/// Writes a stop for each live container of `names`, after the stops of its dependants. \returns container → step.
std::map<std::string, int> write_stops(Builder& builder, const Observed& observed,
                                       const std::vector<std::string>& names,
                                       const std::map<std::string, std::string>& causes, std::optional<int> timeout_s);

/// The containers that a plan stops.
struct Departures {
  std::vector<std::string> leaving;    ///< they are removed
  std::vector<std::string> staying;    ///< they are kept, stopped
  std::set<std::string> keep_volumes;  ///< of those leaving: their anonymous volumes are for the ones in their place
};

/// The same for all of them, and a removal of each that leaves. \returns container → the last of its steps.
std::map<std::string, int> write_stops_and_removals(Builder& builder, const Observed& observed,
                                                    const Departures& departures,
                                                    const std::map<std::string, std::string>& causes,
                                                    std::optional<int> timeout_s);

}  // namespace cmp::plan
