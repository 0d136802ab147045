// cgroup v1: kernel admin-guide/cgroup-v1/{memory,cpusets,pids,devices,blkio-controller,hugetlb,net_cls,net_prio,rdma},
// scheduler/{sched-bwc,sched-design-CFS,sched-rt-group}.

#include "cgroup/limits.hpp"

namespace cmp::cgroup {

namespace {

std::string device_line(const DeviceRule& rule) {
  const auto number = [](const std::optional<std::uint32_t>& value) {
    return value ? fmt::format("{}", *value) : std::string("*");
  };
  return fmt::format("{} {}:{} {}", rule.type, number(rule.major), number(rule.minor), rule.access);
}

/// The kernel keeps limit_in_bytes ≤ memsw.limit_in_bytes at every moment (EINVAL). Lifting the second first makes
/// every change possible, up or down, without looking at what is set now.
void add_memory_limit_v1(std::vector<FileWrite>& out, const Resources& resources) {
  const char* both = "memory.memsw.limit_in_bytes";
  const std::int64_t swap = resources.memory_swap.value_or(0);
  const bool lifted = resources.memory_limit && (swap != 0 || *resources.memory_limit == -1);
  if (lifted) {
    out.push_back({.controller = "memory", .file = both, .value = "-1", .required = false});
  }
  add_if(out, "memory", "memory.limit_in_bytes", resources.memory_limit);
  if (swap > 0 || (swap < 0 && !lifted)) {
    const bool required = swap > 0 && !resources.memory_swap_is_default;
    out.push_back({.controller = "memory", .file = both, .value = fmt::format("{}", swap), .required = required});
  }
}

/// memory.swappiness 0…100; memory.oom_control 1 lets processes wait instead of killing one.
void add_memory_v1(std::vector<FileWrite>& out, const Resources& resources) {
  add_memory_limit_v1(out, resources);
  add_if(out, "memory", "memory.soft_limit_in_bytes", resources.memory_reservation);
  add_if(out, "memory", "memory.kmem.limit_in_bytes", resources.memory_kernel);
  add_if(out, "memory", "memory.kmem.tcp.limit_in_bytes", resources.memory_kernel_tcp);
  add_if(out, "memory", "memory.swappiness", resources.memory_swappiness);
  if (resources.disable_oom_killer) {
    add(out, "memory", "memory.oom_control", *resources.disable_oom_killer ? 1 : 0);
  }
}

/// cpu.shares 2…262144; cpu.cfs_quota_us -1 or 1000 and more; cpu.cfs_period_us 1000…1000000. cpuset.mems must not be
/// empty and has no default: who makes the group copies the parent's.
void add_cpu_v1(std::vector<FileWrite>& out, const Resources& resources) {
  add_if(out, "cpu", "cpu.idle", resources.cpu_idle);
  add_if(out, "cpu", "cpu.shares", resources.cpu_shares);
  add_if(out, "cpu", "cpu.rt_period_us", resources.cpu_realtime_period);
  add_if(out, "cpu", "cpu.rt_runtime_us", resources.cpu_realtime_runtime);
  add_if(out, "cpu", "cpu.cfs_period_us", resources.cpu_period);
  add_if(out, "cpu", "cpu.cfs_quota_us", resources.cpu_quota);
  add_if(out, "cpu", "cpu.cfs_burst_us", resources.cpu_burst);
  if (!resources.cpus.empty()) {
    add(out, "cpuset", "cpuset.cpus", resources.cpus);
  }
  if (!resources.mems.empty()) {
    add(out, "cpuset", "cpuset.mems", resources.mems);
  }
}

void add_throttle_v1(std::vector<FileWrite>& out, const char* file, const std::vector<ThrottledDevice>& devices) {
  for (const ThrottledDevice& device : devices) {
    add(out, "blkio", file, device.value);
    out.back().device = device.name;
  }
}

/// Weights 10…1000 are of BFQ, or of CFQ on kernels before 5.0.
void add_weight_v1(std::vector<FileWrite>& out, std::string_view file, std::uint64_t weight,
                   const std::string& device) {
  add(out, "blkio", fmt::format("blkio.bfq.{}", file), weight);
  out.back().device = device;
  out.back().other_file = fmt::format("blkio.{}", file);
  out.back().other_value = out.back().value;
}

/// Rates are of the throttling layer.
void add_io_v1(std::vector<FileWrite>& out, const Resources& resources) {
  if (resources.io_weight) {
    add_weight_v1(out, "weight", *resources.io_weight, "");
  }
  add_if(out, "blkio", "blkio.leaf_weight", resources.io_leaf_weight);
  for (const ThrottledDevice& device : resources.io_weight_device) {
    add_weight_v1(out, "weight_device", device.value, device.name);
  }
  add_throttle_v1(out, "blkio.leaf_weight_device", resources.io_leaf_weight_device);
  add_throttle_v1(out, "blkio.throttle.read_bps_device", resources.read_bps);
  add_throttle_v1(out, "blkio.throttle.read_iops_device", resources.read_iops);
  add_throttle_v1(out, "blkio.throttle.write_bps_device", resources.write_bps);
  add_throttle_v1(out, "blkio.throttle.write_iops_device", resources.write_iops);
}

}  // namespace

std::vector<FileWrite> compile_v1(const Resources& resources) {
  std::vector<FileWrite> out;
  for (const DeviceRule& rule : resources.devices) {
    add(out, "devices", rule.allow ? "devices.allow" : "devices.deny", device_line(rule));
  }
  add_memory_v1(out, resources);
  add_cpu_v1(out, resources);
  if (resources.pids_limit) {
    add(out, "pids", "pids.max", number_or_max(*resources.pids_limit));
  }
  add_io_v1(out, resources);
  for (const auto& [size, bytes] : resources.hugepages) {
    add(out, "hugetlb", fmt::format("hugetlb.{}.limit_in_bytes", size), bytes);
  }
  add_if(out, "net_cls", "net_cls.classid", resources.net_class_id);
  for (const auto& [interface, priority] : resources.net_priorities) {
    add(out, "net_prio", "net_prio.ifpriomap", fmt::format("{} {}", interface, priority));
  }
  for (const auto& [device, limits] : resources.rdma) {
    add(out, "rdma", "rdma.max", fmt::format("{} {}", device, limits));
  }
  return out;
}

}  // namespace cmp::cgroup
