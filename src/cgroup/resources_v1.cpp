// cgroup v1: kernel admin-guide/cgroup-v1/{memory,cpusets,pids,devices,blkio-controller,hugetlb,net_cls,net_prio,rdma}.

#include <fmt/core.h>

#include "cgroup/resources.hpp"

namespace cmp::cgroup {

namespace {

using Writes = std::vector<FileWrite>;

template <typename T>
void add(Writes& out, const char* controller, const char* file, const T& value) {
  out.push_back({.controller = controller, .file = file, .value = fmt::format("{}", value)});
}

template <typename T>
void add_if(Writes& out, const char* controller, const char* file, const std::optional<T>& value) {
  if (value) {
    add(out, controller, file, *value);
  }
}

std::string device_line(const DeviceRule& rule) {
  const auto number = [](const std::optional<std::uint32_t>& value) {
    return value ? fmt::format("{}", *value) : std::string("*");
  };
  return fmt::format("{} {}:{} {}", rule.type, number(rule.major), number(rule.minor), rule.access);
}

void add_devices(Writes& out, const Resources& resources) {
  for (const DeviceRule& rule : resources.devices) {
    out.push_back(
        {.controller = "devices", .file = rule.allow ? "devices.allow" : "devices.deny", .value = device_line(rule)});
  }
}

/// The kernel keeps limit_in_bytes ≤ memsw.limit_in_bytes at every moment: the second is lifted first.
void add_memory(Writes& out, const Resources& resources) {
  const char* both = "memory.memsw.limit_in_bytes";
  if (resources.memory_limit && (resources.memory_swap || *resources.memory_limit == -1)) {
    out.push_back({.controller = "memory", .file = both, .value = "-1", .required = false});
  }
  add_if(out, "memory", "memory.limit_in_bytes", resources.memory_limit);
  if (resources.memory_swap && *resources.memory_swap != 0) {
    add(out, "memory", both, *resources.memory_swap);
  }
  add_if(out, "memory", "memory.soft_limit_in_bytes", resources.memory_reservation);
  // The specification lets a runtime do without these two, which Linux is giving up.
  for (const auto& [file, value] : {std::pair("memory.kmem.limit_in_bytes", resources.memory_kernel),
                                    std::pair("memory.kmem.tcp.limit_in_bytes", resources.memory_kernel_tcp)}) {
    if (value) {
      out.push_back({.controller = "memory", .file = file, .value = fmt::format("{}", *value), .required = false});
    }
  }
  add_if(out, "memory", "memory.swappiness", resources.memory_swappiness);
  if (resources.disable_oom_killer) {
    add(out, "memory", "memory.oom_control", *resources.disable_oom_killer ? 1 : 0);
  }
}

void add_cpu(Writes& out, const Resources& resources) {
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

void add_per_device(Writes& out, const char* file, const std::vector<ThrottledDevice>& devices) {
  for (const ThrottledDevice& device : devices) {
    add(out, "blkio", file, fmt::format("{}:{} {}", device.major, device.minor, device.value));
  }
}

void add_io(Writes& out, const Resources& resources) {
  add_if(out, "blkio", "blkio.weight|blkio.bfq.weight", resources.io_weight);
  add_if(out, "blkio", "blkio.leaf_weight", resources.io_leaf_weight);
  add_per_device(out, "blkio.weight_device|blkio.bfq.weight_device", resources.io_weight_device);
  add_per_device(out, "blkio.leaf_weight_device", resources.io_leaf_weight_device);
  add_per_device(out, "blkio.throttle.read_bps_device", resources.read_bps);
  add_per_device(out, "blkio.throttle.write_bps_device", resources.write_bps);
  add_per_device(out, "blkio.throttle.read_iops_device", resources.read_iops);
  add_per_device(out, "blkio.throttle.write_iops_device", resources.write_iops);
}

}  // namespace

std::vector<FileWrite> resource_writes_v1(const Resources& resources) {
  Writes out;
  add_devices(out, resources);
  add_memory(out, resources);
  add_cpu(out, resources);
  if (resources.pids_limit) {
    add(out, "pids", "pids.max", number_or_max(*resources.pids_limit));
  }
  add_io(out, resources);
  for (const auto& [size, bytes] : resources.hugepages) {
    add(out, "hugetlb", fmt::format("hugetlb.{}.limit_in_bytes", size).c_str(), bytes);
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
