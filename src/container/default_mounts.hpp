#pragma once
// The rows of Docker's default mount table that a service's own mounts leave in place, with /dev's nodes and links.

#include <sys/mount.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// How runc mounts what is no program's place: nothing there runs, is a device, or gives privileges.
inline constexpr std::uint64_t kLocked = MS_NOSUID | MS_NOEXEC | MS_NODEV;

/// True if the clean path `path` lies inside the directory `parent`, not being it.
[[nodiscard]] bool is_below(const std::string& path, const std::string& parent);

/// Controllers of cgroup v1 mounted together have a link each, as systemd makes them: cpu → cpu,cpuacct.
[[nodiscard]] std::vector<Step> controller_links(const std::string& name, const std::string& directory);

/// In their order. A row whose target is in `taken` is left out; /dev there takes every row below it, nodes too.
[[nodiscard]] std::vector<Step> default_mounts(const model::Service& service, const Facts& facts,
                                               std::set<std::string> taken);

}  // namespace cmp::container
