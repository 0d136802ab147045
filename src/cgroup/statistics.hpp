#pragma once
// All that the kernel counts of a group, for `cmp oci events`: more than cgroup::Usage, which is read often.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"

namespace cmp::cgroup {

/// Bytes; `limit` is the largest number there is if there is none.
struct MemoryStatistics {
  std::uint64_t limit = 0, usage = 0, max = 0, failures = 0;
};

/// A line of blkio or io.stat: "8:0 Read 4096".
struct IoStatistics {
  std::uint64_t major = 0, minor = 0, value = 0;
  std::string operation;
};

struct Statistics {
  std::uint64_t cpu_ns = 0, cpu_kernel_ns = 0, cpu_user_ns = 0;
  std::uint64_t periods = 0, throttled_periods = 0, throttled_ns = 0;
  MemoryStatistics memory, swap, kernel;
  std::uint64_t memory_cache = 0, oom_kills = 0;
  std::map<std::string, std::uint64_t> memory_lines;  ///< memory.stat
  std::uint64_t pids = 0, pids_limit = 0;             ///< no limit is 0
  std::vector<IoStatistics> io_bytes, io_operations;
};

/// The files of a group by name, each of the hierarchy that has it.
using GroupFiles = std::map<std::string, std::string>;

/// What the files say. Pure; files that are not there count for nothing.
[[nodiscard]] Statistics statistics_in(const GroupFiles& files);

/// Error kNotFound: no such group.
[[nodiscard]] Result<Statistics> statistics(const Layout& layout, const Group& group);

}  // namespace cmp::cgroup
