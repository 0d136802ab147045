// cgroup v1: kernel admin-guide/cgroup-v1/{blkio-controller,memory,cpusets,pids}, scheduler/sched-rt-group,
// scheduler/sched-bwc, scheduler/sched-design-CFS.

#include <fmt/core.h>

#include "cgroup/limits.hpp"

namespace cmp::cgroup {

namespace {

using Writes = std::vector<FileWrite>;

void add(Writes& out, const char* controller, const char* file, std::int64_t value) {
  out.push_back({.controller = controller, .file = file, .value = fmt::format("{}", value)});
}

/// cpu.shares 2…262144; cpu.cfs_quota_us -1 or 1000 and more; cpu.cfs_period_us 1000…1000000.
void add_cpu(Writes& out, const model::Limits& limits) {
  if (limits.cpu_shares.value_or(0) != 0) {
    add(out, "cpu", "cpu.shares", static_cast<std::int64_t>(*limits.cpu_shares));
  }
  if (const auto bandwidth = cpu_bandwidth(limits)) {
    add(out, "cpu", "cpu.cfs_period_us", static_cast<std::int64_t>(bandwidth->period_us));
    add(out, "cpu", "cpu.cfs_quota_us", bandwidth->quota_us);
  }
  if (limits.cpu_rt_period_us) {
    add(out, "cpu", "cpu.rt_period_us", static_cast<std::int64_t>(*limits.cpu_rt_period_us));
  }
  if (limits.cpu_rt_runtime_us) {
    add(out, "cpu", "cpu.rt_runtime_us", *limits.cpu_rt_runtime_us);
  }
}

/// cpuset.mems is not here: it must not be empty and has no default, so the writer copies the parent's when it makes
/// the group.
void add_cpuset(Writes& out, const model::Limits& limits) {
  if (!limits.cpuset.value_or("").empty()) {
    out.push_back({.controller = "cpuset", .file = "cpuset.cpus", .value = *limits.cpuset});
  }
}

/// The kernel keeps limit_in_bytes ≤ memsw.limit_in_bytes at every moment (EINVAL). Lifting the second first makes
/// every change possible, up or down, without looking at what is set now.
void add_memory_limit(Writes& out, const model::Limits& limits) {
  const auto both = memory_and_swap(limits);
  if (!both) {
    return;
  }
  const bool asked = limits.memswap.value_or(Bytes{}).count != 0;
  const char* file = "memory.memsw.limit_in_bytes";
  out.push_back({.controller = "memory", .file = file, .value = "-1", .required = false});
  add(out, "memory", "memory.limit_in_bytes", limits.memory->count);
  if (*both >= 0) {
    out.push_back({.controller = "memory", .file = file, .value = fmt::format("{}", *both), .required = asked});
  }
}

/// memory.swappiness 0…100; memory.oom_control 1 lets processes wait instead of killing one.
void add_memory(Writes& out, const model::Limits& limits) {
  add_memory_limit(out, limits);
  if (limits.memory_reservation.value_or(Bytes{}).count > 0) {
    add(out, "memory", "memory.soft_limit_in_bytes", limits.memory_reservation->count);
  }
  if (limits.mem_swappiness) {
    add(out, "memory", "memory.swappiness", *limits.mem_swappiness);
  }
  if (limits.oom_kill_disable.value_or(false)) {
    add(out, "memory", "memory.oom_control", 1);
  }
}

void add_rates(Writes& out, const char* file, const std::vector<model::DeviceRate>& rates) {
  for (const model::DeviceRate& rate : rates) {
    out.push_back({.controller = "blkio", .file = file, .value = fmt::format("{}", rate.value), .device = rate.path});
  }
}

/// Weights 10…1000 are of BFQ, or of CFQ on kernels before 5.0; rates are of the throttling layer.
void add_blkio(Writes& out, const model::BlockIo& blkio) {
  if (blkio.weight != 0) {
    const std::string weight = fmt::format("{}", blkio.weight);
    out.push_back({.controller = "blkio",
                   .file = "blkio.bfq.weight",
                   .value = weight,
                   .other_file = "blkio.weight",
                   .other_value = weight});
  }
  for (const model::DeviceRate& rate : blkio.weight_device) {
    const std::string weight = fmt::format("{}", rate.value);
    out.push_back({.controller = "blkio",
                   .file = "blkio.bfq.weight_device",
                   .value = weight,
                   .device = rate.path,
                   .other_file = "blkio.weight_device",
                   .other_value = weight});
  }
  add_rates(out, "blkio.throttle.read_bps_device", blkio.read_bps);
  add_rates(out, "blkio.throttle.read_iops_device", blkio.read_iops);
  add_rates(out, "blkio.throttle.write_bps_device", blkio.write_bps);
  add_rates(out, "blkio.throttle.write_iops_device", blkio.write_iops);
}

}  // namespace

std::vector<FileWrite> compile_v1(const model::Limits& limits) {
  Writes out;
  add_cpu(out, limits);
  add_cpuset(out, limits);
  add_memory(out, limits);
  add_blkio(out, limits.blkio);
  if (limits.pids.value_or(0) != 0) {
    out.push_back({.controller = "pids", .file = "pids.max", .value = number_or_max(*limits.pids)});
  }
  return out;
}

}  // namespace cmp::cgroup
