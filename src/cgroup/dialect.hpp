#pragma once
// The differences between v1 and v2 that are left once limits are compiled: names of files and what is in them.

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "cgroup/cgroup.hpp"
#include "cgroup/limits.hpp"

namespace cmp::cgroup {

/// Where a counter is: a file with one number, or the number after `key` in a file of lines "key number".
struct Counter {
  std::string_view file, key;
  std::uint64_t divisor = 1;
  std::uint64_t Usage::*into = nullptr;
};

struct Dialect {
  std::vector<FileWrite> (*compile)(const Resources&);
  std::string_view kill_file;                             ///< "" if there is none
  std::string_view freeze_file, freeze_text, thaw_text;   ///< what to write to freeze and thaw
  std::string_view state_file, frozen_line, thawed_line;  ///< what tells that it has happened
  std::string_view threads_file;
  /// Where a process of one thread writes "0" to join. v1's cgroup.procs waits for a grace period of the whole machine
  /// (some 10 ms) before it moves threads together; `tasks` moves one at once (kernel/cgroup/cgroup.c,
  /// cgroup_procs_write_start()).
  std::string_view join_file;
  std::string_view enable_file;               ///< where controllers are enabled for the groups below
  std::array<std::string_view, 2> inherited;  ///< files that must not be empty: the parent's are copied
  std::array<Counter, 5> counters;
  std::array<Counter, 2> live_counters;  ///< asked for by people only
  std::string_view io_file;              ///< bytes read and written, by device
};

inline constexpr Dialect kDialectV1 = {
    .compile = compile_v1,
    .kill_file = "",
    .freeze_file = "freezer.state",
    .freeze_text = "FROZEN",
    .thaw_text = "THAWED",
    .state_file = "freezer.state",
    .frozen_line = "FROZEN",
    .thawed_line = "THAWED",
    .threads_file = "tasks",
    .join_file = "tasks",
    .enable_file = "",
    .inherited = {"cpuset.cpus", "cpuset.mems"},
    .counters = {{{"memory.usage_in_bytes", "", 1, &Usage::memory_bytes},
                  {"memory.max_usage_in_bytes", "", 1, &Usage::memory_peak_bytes},
                  {"memory.oom_control", "oom_kill", 1, &Usage::oom_kills},
                  {"cpuacct.usage", "", 1'000, &Usage::cpu_usec},
                  {"pids.current", "", 1, &Usage::pids}}},
    .live_counters = {{{"memory.stat", "total_inactive_file", 1, &Usage::inactive_file_bytes},
                       {"memory.limit_in_bytes", "", 1, &Usage::memory_limit_bytes}}},
    .io_file = "blkio.throttle.io_service_bytes_recursive",
};

inline constexpr Dialect kDialectV2 = {
    .compile = compile_v2,
    .kill_file = "cgroup.kill",
    .freeze_file = "cgroup.freeze",
    .freeze_text = "1",
    .thaw_text = "0",
    .state_file = "cgroup.events",
    .frozen_line = "frozen 1",
    .thawed_line = "frozen 0",
    .threads_file = "cgroup.threads",
    .join_file = "cgroup.procs",
    .enable_file = "cgroup.subtree_control",
    .inherited = {},
    .counters = {{{"memory.current", "", 1, &Usage::memory_bytes},
                  {"memory.peak", "", 1, &Usage::memory_peak_bytes},
                  {"memory.events", "oom_kill", 1, &Usage::oom_kills},
                  {"cpu.stat", "usage_usec", 1, &Usage::cpu_usec},
                  {"pids.current", "", 1, &Usage::pids}}},
    .live_counters = {{{"memory.stat", "inactive_file", 1, &Usage::inactive_file_bytes},
                       {"memory.max", "", 1, &Usage::memory_limit_bytes}}},
    .io_file = "io.stat",
};

[[nodiscard]] inline const Dialect& dialect_of(const Hierarchy& hierarchy) {
  return hierarchy.version == Version::kV2 ? kDialectV2 : kDialectV1;
}

}  // namespace cmp::cgroup
