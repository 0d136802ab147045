#pragma once
// From a service to the record of one of its containers, and from records to what planning looks at. Pure.

#include <string>
#include <vector>

#include "model/project.hpp"
#include "plan/plan.hpp"
#include "state/record.hpp"

namespace cmp::engine {

struct RecordInputs {
  const state::Roots& roots;
  const model::Project& project;
  const model::Service& service;
  int number = 1;
  std::vector<state::EndpointRecord> endpoints;
  WallTime now;
  std::string one_off_of;  ///< the service that `service` is made from for one run; "" if it is one itself
  int hook = -1;           ///< which one of its pre_start, if it is one
};

[[nodiscard]] state::ContainerRecord make_record(const RecordInputs& inputs);

/// Labels com.docker.compose.* and the service's own (compose-cli.md 5.3).
[[nodiscard]] std::map<std::string, std::string> container_labels(const RecordInputs& inputs);

/// entrypoint and command, as the kernel will get them.
[[nodiscard]] std::vector<std::string> command_line(const model::Service& service);

/// \param volumes             of all projects
/// \param neighbour_networks  of all other projects
[[nodiscard]] plan::Observed observe(const std::vector<state::ContainerRecord>& containers,
                                     const std::vector<state::NetworkRecord>& networks,
                                     const std::vector<state::VolumeRecord>& volumes,
                                     const std::vector<state::NetworkRecord>& neighbour_networks,
                                     const std::string& project);

}  // namespace cmp::engine
