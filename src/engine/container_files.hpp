#pragma once
// What a container has on disk and in the cgroup tree: how it goes, and how it is put aside while another takes its
// place.

#include "base/result.hpp"
#include "engine/context.hpp"
#include "rootfs/directories.hpp"
#include "state/record.hpp"

namespace cmp::engine {

[[nodiscard]] rootfs::ContainerDirectories directories_of(const state::Paths& paths, const std::string& container);

/// Everything of the container's but its devices: processes, cgroup, directories, logs, record, and, unless they are
/// kept for another one, its anonymous volumes. What was put aside stays. Missing parts are success.
[[nodiscard]] Status remove_container(Context& context, const state::ContainerRecord& record, bool keep_volumes);

/// The same, but what it has written is put aside, and its logs stay for the one that takes its place; its anonymous
/// volumes stay where they are if the container that takes its place is to have them.
[[nodiscard]] Status retire_container(Context& context, const state::ContainerRecord& record, bool keep_volumes);

/// What was put aside is in its place again, whatever is there now.
[[nodiscard]] Status restore_container(const state::Paths& paths, const std::string& container);

/// What was put aside is not needed any more. Anonymous volumes among it go to the trash.
[[nodiscard]] Status forget_retired(const state::Paths& paths, const state::ContainerRecord& record);

/// The same for all of the project's: an earlier supervisor was killed before it came to it, and with it went what
/// would be needed to bring them back.
[[nodiscard]] Status forget_all_retired(const state::Paths& paths);

}  // namespace cmp::engine
