#pragma once
// The parts of check_consistency(): what must hold between the elements of a project (compose-spec.md section 5). The
// tree is canonical and holds enabled services only.

#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// Services, networks, volumes, configs, secrets and models that are named but not there.
void check_references(const Node& tree, Problems& problems);

/// Chains of depends_on that come back to where they started: "dependency cycle detected: a -> b -> a".
void check_cycles(const Node& tree, Problems& problems);

/// What one service says against itself, and two services against each other.
void check_services(const Node& tree, Problems& problems);

/// Ports, volumes, probes, devices and watch rules of one service.
void check_service_lists(const std::string& name, const Node& service, Problems& problems);

/// The part of check_values() about one service.
void check_service_values(const std::string& name, const Node& service, Problems& problems);

/// Top-level volumes, configs and secrets.
void check_resources(const Node& tree, Problems& problems);

}  // namespace cmp::compose
