#include "sys/scheduling.hpp"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

namespace cmp::sys {

namespace {

constexpr int kOfProcess = 1;  // IOPRIO_WHO_PROCESS: <linux/ioprio.h> is no C++

/// struct sched_attr of its first size (Linux 3.14): its header cannot be had beside <sched.h>.
struct SchedulingAttributes {
  std::uint32_t size = 0, policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

}  // namespace

Status set_scheduler(pid_t pid, const Scheduling& wanted) {
  SchedulingAttributes attributes{.size = sizeof(SchedulingAttributes),
                                  .policy = wanted.policy,
                                  .flags = wanted.flags,
                                  .nice = wanted.nice,
                                  .priority = wanted.priority,
                                  .runtime = wanted.runtime,
                                  .deadline = wanted.deadline,
                                  .period = wanted.period};
  return ::syscall(SYS_sched_setattr, pid, &attributes, 0U) == 0 ? Status() : sys_error("set the scheduler");
}

Status set_io_priority(pid_t pid, std::uint32_t priority) {
  return ::syscall(SYS_ioprio_set, kOfProcess, pid, priority) == 0 ? Status() : sys_error("set the priority");
}

Status set_affinity(pid_t pid, const std::set<int>& processors) {
  if (processors.empty()) {
    return {};
  }
  constexpr int kBits = 8 * sizeof(unsigned long);
  std::vector<unsigned long> mask(static_cast<std::size_t>(*processors.rbegin() / kBits + 1));
  for (const int cpu : processors) {
    mask[static_cast<std::size_t>(cpu / kBits)] |= 1UL << (cpu % kBits);
  }
  const long set = ::syscall(SYS_sched_setaffinity, pid, mask.size() * sizeof(unsigned long), mask.data());
  return set == 0 ? Status() : sys_error("set the processors");
}

}  // namespace cmp::sys
