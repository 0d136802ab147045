#pragma once
// Config hashes (compose-cli.md section 6): equal hashes mean that nothing has to be made anew. They are SHA-256 over
// the compact JSON that `config` prints of the element, so any change of the canonical form recreates containers.

#include <string>

#include "compose/node.hpp"
#include "model/project.hpp"

namespace cmp::compose {

/// Of a service, without what does not change its containers: build, pull_policy, scale, deploy.replicas, depends_on
/// and profiles. x-rootfs counts.
[[nodiscard]] std::string service_hash(const Node& service);

/// Of a network.
[[nodiscard]] std::string network_hash(const Node& network);

/// Of a volume; no driver and the driver local are the same.
[[nodiscard]] std::string volume_hash(const Node& volume);

/// All of them, into the project that was bound from the tree.
void set_hashes(const Node& tree, model::Project& project);

}  // namespace cmp::compose
