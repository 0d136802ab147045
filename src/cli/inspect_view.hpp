#pragma once
// What `inspect` prints, in Docker's words (its API's ContainerInspect, NetworkInspect and VolumeInspect): the fields
// that mean something here. Values of secrets and configs are nowhere in it. Each is an
// object in JSON. Pure.

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::cli {

/// The last runs of its health check, oldest first: Start, End, ExitCode, Output.
[[nodiscard]] nlohmann::json health_log(const state::ContainerRecord& record);

[[nodiscard]] std::string inspect_container(const state::Paths& paths, const state::ContainerRecord& record);

/// \param containers  of the project: those on it are told
[[nodiscard]] std::string inspect_network(const state::NetworkRecord& record,
                                          const std::vector<state::ContainerRecord>& containers);

[[nodiscard]] std::string inspect_volume(const state::Paths& paths, const state::VolumeRecord& record);

}  // namespace cmp::cli
