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

/// The same for `leaving` and `staying`, and a removal of each that leaves; the anonymous volumes of those in
/// `keep_volumes` stay for the container that takes its place. \returns container → the last of its steps.
std::map<std::string, int> write_stops_and_removals(Builder& builder, const Observed& observed,
                                                    const std::vector<std::string>& leaving,
                                                    const std::vector<std::string>& staying,
                                                    const std::map<std::string, std::string>& causes,
                                                    std::optional<int> timeout_s,
                                                    const std::set<std::string>& keep_volumes = {});

}  // namespace cmp::plan
