#pragma once
// Where a service's mounts come from on this host.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

/// The host side of each mount, without touching anything. An anonymous volume lies in the container's own state
/// directory and goes with it.
[[nodiscard]] std::vector<container::ResolvedMount> resolve_mounts(const state::Paths& paths,
                                                                   const model::Project& project,
                                                                   const model::Service& service,
                                                                   const std::string& container);

/// What the host lacks of them, each with its place in the file: bind sources that don't exist (with the nearest name
/// that does), kinds of mounts that this release doesn't have. Changes nothing.
[[nodiscard]] std::vector<Error> check_mounts(const model::Service& service);

/// Makes what may be made: bind sources with create_host_path, directories of anonymous volumes.
[[nodiscard]] Status create_mount_sources(const std::vector<container::ResolvedMount>& mounts);

}  // namespace cmp::engine
