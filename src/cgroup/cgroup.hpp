#pragma once
// One cgroup for each service under one for each project, on cgroup v1, hybrid and v2 hosts. Only this folder knows the
// version. What a limit means is compiled purely (limits_v1.cpp, limits_v2.cpp: Limits → file writes); one writer
// carries it out. No destructor removes a cgroup: remove() is a step of a plan.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/project.hpp"

namespace cmp::cgroup {

enum class Version { kV1, kV2 };

/// One mounted hierarchy that is of use: the v2 tree, or one v1 controller (or several mounted together).
struct Hierarchy {
  std::vector<std::string> controllers;
  std::string mount_point;    ///< "/sys/fs/cgroup/memory"
  std::string base;           ///< the group under which ours are made, relative: "/" or the caller's delegated group
};

/// What this host has. On a hybrid host the side that has the memory and cpu controllers wins.
struct Layout {
  Version version = Version::kV2;
  std::vector<Hierarchy> hierarchies;
  std::string why;            ///< for `cmp doctor`: which side was taken and why
  [[nodiscard]] bool has(std::string_view controller) const;
};

/// Reads /proc/self/mountinfo and /proc/self/cgroup. Error kUnsupported: nothing writable is mounted, with what to do.
[[nodiscard]] Result<Layout> detect();

/// A limit this host cannot express, before anything starts.
struct Unsupported {
  std::string key;            ///< "cpus"
  std::string reason;         ///< "no cpu controller is mounted"
};
[[nodiscard]] std::vector<Unsupported> unsupported(const model::Limits& limits, const Layout& layout);

/// A group by its name under the base: "cmp/shop/web-1" (one level for cmp, one a project, one a container).
struct Group {
  std::string path;
};

/// Makes the group in every hierarchy (parents too; on v2 enables the controllers on the way down) and applies the
/// limits. An existing group is reused and its limits set again.
[[nodiscard]] Status create(const Layout& layout, const Group& group, const model::Limits& limits);

/// Sets limits of a group that exists, in place.
[[nodiscard]] Status apply(const Layout& layout, const Group& group, const model::Limits& limits);

/// v1: the cgroup.procs files a process must write itself into. v2: empty, use open_for_clone().
[[nodiscard]] std::vector<std::string> procs_files(const Layout& layout, const Group& group);

/// v2: the directory to be born in (CLONE_INTO_CGROUP); an empty fd on v1.
[[nodiscard]] Result<UniqueFd> open_for_clone(const Layout& layout, const Group& group);

/// Pids in the group, over all hierarchies, sorted, without doubles. A missing group has none.
[[nodiscard]] Result<std::vector<int>> processes(const Layout& layout, const Group& group);

/// SIGKILLs everything in the group (cgroup.kill, else freeze and loop). A missing group is success.
[[nodiscard]] Status kill_all(const Layout& layout, const Group& group);

/// Removes the group, and its children, from every hierarchy. Missing is success; EBUSY says who is still in it.
/// Then removes each parent up to and including "cmp" that has become empty.
[[nodiscard]] Status remove(const Layout& layout, const Group& group);

/// Freezes or thaws (pause, unpause).
[[nodiscard]] Status freeze(const Layout& layout, const Group& group, bool frozen);

/// Counters the kernel keeps.
struct Usage {
  std::uint64_t memory_bytes = 0, memory_peak_bytes = 0, oom_kills = 0, cpu_usec = 0, pids = 0;
};
[[nodiscard]] Result<Usage> usage(const Layout& layout, const Group& group);

}  // namespace cmp::cgroup
