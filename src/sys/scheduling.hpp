#pragma once
// How a process is scheduled: sched_setattr(2), ioprio_set(2), sched_setaffinity(2).

#include <sys/types.h>

#include <cstdint>
#include <set>

#include "base/result.hpp"

namespace cmp::sys {

/// SCHED_*, SCHED_FLAG_* and what goes with them; times are nanoseconds.
struct Scheduling {
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

[[nodiscard]] Status set_scheduler(pid_t pid, const Scheduling& wanted);

/// `priority` is the class, shifted by 13, and the level.
[[nodiscard]] Status set_io_priority(pid_t pid, std::uint32_t priority);

/// An empty set changes nothing.
[[nodiscard]] Status set_affinity(pid_t pid, const std::set<int>& processors);

}  // namespace cmp::sys
