#pragma once
// Volumes as things on this host: made, given to containers, removed. Who uses one is told by the containers' records.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "model/project.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Its directory and its record. What is there already stays.
[[nodiscard]] Status create_volume(const state::Roots& roots, const std::string& project, const model::Volume& volume);

/// Mounts what the driver_opts of the named volumes say, where that has not been done. kNotFound: a volume is gone.
[[nodiscard]] Status attach_volumes(const state::Paths& paths, const std::vector<container::ResolvedMount>& mounts);

/// Takes away what is mounted on the volumes of a container, as far as no other container has them.
[[nodiscard]] Status detach_volumes(const state::Roots& roots, const state::ContainerRecord& container);

/// "container shop-db-1 of project shop": who has the volume, and projects that are just coming up and will have it.
[[nodiscard]] std::vector<std::string> volume_users(const state::Roots& roots, const std::string& name);

/// Containers of all projects that have the volume.
[[nodiscard]] std::vector<state::ContainerRecord> containers_with(const state::Roots& roots, const std::string& name);

/// What an anonymous volume is called: a function of the container and the place in it.
[[nodiscard]] std::string anonymous_volume_name(const state::ContainerRecord& container, const std::string& target);

/// Where it lies.
[[nodiscard]] std::string anonymous_volume_dir(const state::Paths& paths, const std::string& container,
                                               const std::string& target);

/// As a record, which nothing keeps. `mount` is one of the container's service.
[[nodiscard]] state::VolumeRecord anonymous_volume(const state::ContainerRecord& container, const model::Mount& mount);

/// Puts the anonymous volumes in `directory`, of a container that has run, into the trash. Empty ones are left.
[[nodiscard]] Status trash_anonymous_volumes(const state::Roots& roots, const state::ContainerRecord& container,
                                             const std::string& directory);

/// Into the trash, or, with `for_good`, out of the world. Who uses it is not asked any more. Missing is success.
[[nodiscard]] Status remove_volume(const state::Roots& roots, const std::string& name, bool for_good);

/// The last one of that name in the trash is a volume again. kNotFound: there is none.
[[nodiscard]] Status restore_volume(const state::Roots& roots, const std::string& name);

}  // namespace cmp::engine
