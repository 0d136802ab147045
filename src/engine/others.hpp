#pragma once
// Networks that other projects use by `external`, without a record of their own.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Containers of other projects that have an endpoint on one of these networks (names on the host).
[[nodiscard]] std::vector<state::ContainerRecord> others_on(const state::Paths& paths,
                                                            const std::vector<std::string>& network_names);

/// Notes at a network's owner that others use it, so that its names are looked for with them too.
[[nodiscard]] Status note_shared(const state::Paths& user, const state::NetworkRecord& network);
/// Whether this project's network of that name (on the host) was noted so.
[[nodiscard]] bool is_shared(const state::Paths& paths, const std::string& network_name);

}  // namespace cmp::engine
