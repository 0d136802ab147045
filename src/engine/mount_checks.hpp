#pragma once
// What can be known of mounts and volumes before anything is made.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/host.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

/// What the host lacks of them, each with its place in the file: bind sources that don't exist (with the nearest name
/// that does), external volumes that nobody has made, drivers and kinds of mounts that there are not, mounts that
/// cannot be shared, file systems that cannot show owners as others. Changes nothing.
[[nodiscard]] std::vector<Error> check_mounts(const state::Paths& paths, const model::Project& project,
                                              const model::Service& service);

/// What will have no effect here, one each with its place.
[[nodiscard]] std::vector<Error> mount_warnings(const Host& host, const model::Service& service);

/// The propagation of the mount that a path lies in, by the text of /proc/self/mountinfo: "shared", "slave" or "".
/// Pure; the path has no links in it.
[[nodiscard]] std::string propagation_at(const std::string& mountinfo, const std::string& path);

}  // namespace cmp::engine
