#pragma once
// One cgroup for each service under one for each project, on cgroup v1, hybrid and v2 hosts. Only this folder knows the
// version. What a limit means is compiled purely (limits.cpp: Limits → Resources; resources_v1.cpp, resources_v2.cpp:
// Resources → file writes); one writer carries it out. No destructor removes a cgroup: remove() is a step of a plan.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "model/project.hpp"

namespace cmp::cgroup {

enum class Version { kV1, kV2 };

/// One mounted hierarchy that is of use: the v2 tree, or one v1 controller (or several mounted together).
struct Hierarchy {
  Version version = Version::kV1;
  std::vector<std::string> controllers;  ///< what a group of ours can get here, sorted; may be empty for the v2 tree
  std::string mount_point;               ///< "/sys/fs/cgroup/memory"
  std::string base;          ///< the group under which ours are made, from the mount point: "/" or "/app.slice"
  bool born_inside = false;  ///< v2: the kernel has CLONE_INTO_CGROUP (Linux 5.7), nobody has to move in
  [[nodiscard]] bool has(std::string_view controller) const;
  friend bool operator==(const Hierarchy&, const Hierarchy&) = default;
};

/// What this host has. A controller lives in one hierarchy only (cgroups(7)); a hybrid host has both kinds side by
/// side.
struct Layout {
  Version version = Version::kV2;      ///< of the hierarchy that has the memory controller
  std::vector<Hierarchy> hierarchies;  ///< the v2 tree first, then v1 by mount point
  bool swap = false;                   ///< memory and swap together can be limited
  bool real_time = false;              ///< v1: real-time processes have a budget
  std::string why;                     ///< for `cmp doctor`: what was taken and why
  [[nodiscard]] bool has(std::string_view controller) const;
};

/// Reads /proc/self/mountinfo and /proc/self/cgroup. Error kUnsupported: nothing writable is mounted, with what to do.
[[nodiscard]] Result<Layout> detect();

/// A limit this host cannot express, before anything starts.
struct Unsupported {
  std::string key;     ///< the Compose key: "cpus"
  std::string reason;  ///< "no cpu controller is mounted"
  SourcePos where;     ///< if it is about one entry below the key
  friend bool operator==(const Unsupported&, const Unsupported&) = default;
};

[[nodiscard]] std::vector<Unsupported> unsupported(const model::Limits& limits, const Layout& layout);

/// The same for what names a piece of the machine: processors and block devices. Reads /sys and /dev.
[[nodiscard]] std::vector<Unsupported> unavailable(const model::Limits& limits, const Layout& layout);

/// A group by its name under the base: "cmp/shop/web-1" (one level for cmp, one a project, one a container).
struct Group {
  std::string path;
};

/// The hierarchies a container with these limits has a group in; pure. As few as possible, for every v1 hierarchy costs
/// a directory and a move. The v2 tree if there is one: there processes are born, counted, frozen, killed and their
/// processor time is measured. Without it freezer and cpuacct on v1 do that. Memory always (peak, out-of-memory kills);
/// cpu, cpuset and pids only where a limit asks for them.
///
/// Measured on Linux 6.18, two processors, 50 groups: mkdir and rmdir 20 to 70 us a hierarchy, a move 20 to 65 us while
/// others move too, but 7.4 ms for the first after a quiet moment (a grace period of cgroup_threadgroup_rwsem), however
/// many hierarchies follow; born in the v2 tree: nothing measurable.
[[nodiscard]] std::vector<Hierarchy> joined(const Layout& layout, const model::Limits& limits);

/// Makes the group in every hierarchy of joined() (parents too; on v2 enables the controllers on the way down) and
/// applies the limits. An empty leftover of the same name is made anew, so that no old limit or counter stays; one with
/// processes is reused and its limits set again.
[[nodiscard]] Status create(const Layout& layout, const Group& group, const model::Limits& limits);

/// Changes the limits of a group that exists and has `before`: what `after` does not give any more is lifted. A v1
/// hierarchy that becomes necessary is joined by all processes of the group. Error kConflict: more memory is in use
/// than the new limit, and cannot be given back. After an error the limits are `before` again, as far as the kernel
/// lets them.
[[nodiscard]] Status change(const Layout& layout, const Group& group, const model::Limits& before,
                            const model::Limits& after);

/// The files a new process of one thread must write itself ("0") into, of the hierarchies in which the group exists and
/// in which it was not born by open_for_clone(): v1's `tasks`, v2's cgroup.procs. Empty on v2 with CLONE_INTO_CGROUP.
[[nodiscard]] std::vector<std::string> join_files(const Layout& layout, const Group& group);

/// The same before the group exists; pure.
[[nodiscard]] std::vector<std::string> join_files(const Layout& layout, const Group& group,
                                                  const model::Limits& limits);

/// The v2 directory to be born in (CLONE_INTO_CGROUP); an empty fd where there is none (pure v1, old kernels). On a
/// hybrid host it is given beside join_files(): both are to be used.
[[nodiscard]] Result<UniqueFd> open_for_clone(const Layout& layout, const Group& group);

/// Pids in the group and the groups below it, over all hierarchies, sorted, without doubles. A missing group has none.
[[nodiscard]] Result<std::vector<int>> processes(const Layout& layout, const Group& group);

/// SIGKILLs everything in the group and below. Nobody escapes by forking: cgroup.kill (Linux 5.14) does it in the
/// kernel; else all are frozen first; else the list is read again until it is empty. Does not wait for the deaths
/// (remove() does). A missing group is success.
[[nodiscard]] Status kill_all(const Layout& layout, const Group& group);

/// How long remove() waits for processes that are about to be gone.
inline constexpr std::chrono::milliseconds kRemovePatience{2000};

/// Removes the group, and its children, from every hierarchy. Missing is success; kConflict says who is still in it.
/// Then removes each parent that create() has made and that has become empty; one that was there before stays.
/// A process just killed stays in its group until it has let go of its memory and files, so "busy" is waited out: on
/// the processes' pidfds, which is an event, until `patience` is over. It is no wait where all are dead.
[[nodiscard]] Status remove(const Layout& layout, const Group& group,
                            std::chrono::milliseconds patience = kRemovePatience);

/// Freezes or thaws (pause, unpause); returns when it has happened. kNotFound: no such group. kUnsupported: neither a
/// v2 tree nor a v1 freezer holds it.
[[nodiscard]] Status freeze(const Layout& layout, const Group& group, bool frozen);

/// Counters the kernel keeps; 0 where it keeps none (memory.peak came with Linux 5.19).
struct Usage {
  std::uint64_t memory_bytes = 0, memory_peak_bytes = 0, oom_kills = 0, cpu_usec = 0;
  std::uint64_t pids = 0;  ///< processes and threads
  // By live_usage() only:
  std::uint64_t inactive_file_bytes = 0;                   ///< of memory_bytes: what the kernel may drop at once
  std::uint64_t memory_limit_bytes = 0;                    ///< 0: none; v1 says so with a huge number
  std::optional<std::uint64_t> read_bytes, written_bytes;  ///< by block devices; nothing where nobody counts
};

/// Error kNotFound: no such group.
[[nodiscard]] Result<Usage> usage(const Layout& layout, const Group& group);
/// All of it, for people; usage() is called at every exit.
[[nodiscard]] Result<Usage> live_usage(const Layout& layout, const Group& group);

}  // namespace cmp::cgroup
