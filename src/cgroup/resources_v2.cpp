// cgroup v2: kernel admin-guide/cgroup-v2, "Controllers".

#include <algorithm>

#include "cgroup/limits.hpp"

namespace cmp::cgroup {

namespace {

std::string bytes_or_max(std::int64_t bytes) {
  return bytes < 0 ? "max" : fmt::format("{}", bytes);
}

/// v2 counts swap alone, so memory.swap.max is what both together leave above memory; equal limits are no swap at all.
/// A reservation is memory.low: memory that is not taken while there is other memory to take.
void add_memory_v2(std::vector<FileWrite>& out, const Resources& resources) {
  const std::int64_t limit = resources.memory_limit.value_or(0);
  if (limit != 0) {
    add(out, "memory", "memory.max", bytes_or_max(limit));
  }
  if (const std::int64_t swap = resources.memory_swap.value_or(0); swap != 0) {
    const std::string text = swap < 0 ? "max" : fmt::format("{}", swap - std::max<std::int64_t>(limit, 0));
    out.push_back({.controller = "memory",
                   .file = "memory.swap.max",
                   .value = text,
                   .required = swap > 0 && !resources.memory_swap_is_default});
  }
  if (resources.memory_reservation.value_or(0) != 0) {
    add(out, "memory", "memory.low", bytes_or_max(*resources.memory_reservation));
  }
}

/// cpu.weight 1…10000; cpu.max "quota period" in microseconds, "max" for no limit.
void add_cpu_v2(std::vector<FileWrite>& out, const Resources& resources) {
  add_if(out, "cpu", "cpu.idle", resources.cpu_idle);
  if (resources.cpu_shares.value_or(0) != 0) {
    add(out, "cpu", "cpu.weight", weight_from_shares(*resources.cpu_shares));
  }
  if (resources.cpu_quota.value_or(0) != 0 || resources.cpu_period.value_or(0) != 0) {
    const std::string quota = number_or_max(resources.cpu_quota.value_or(-1));
    const std::uint64_t period = resources.cpu_period.value_or(0);
    add(out, "cpu", "cpu.max", period == 0 ? quota : fmt::format("{} {}", quota, period));
  }
  add_if(out, "cpu", "cpu.max.burst", resources.cpu_burst);
  if (!resources.cpus.empty()) {
    add(out, "cpuset", "cpuset.cpus", resources.cpus);
  }
  if (!resources.mems.empty()) {
    add(out, "cpuset", "cpuset.mems", resources.mems);
  }
}

/// Weights are of BFQ (1…1000) or of the cost model (1…10000).
void add_weight_v2(std::vector<FileWrite>& out, std::uint64_t weight, const std::string& device) {
  add(out, "io", "io.bfq.weight", weight);
  out.back().device = device;
  out.back().other_file = "io.weight";
  out.back().other_value = fmt::format("{}{}", device.empty() ? "default " : "", io_weight(weight));
}

/// io.max has one line a device; what is not named in a write stays.
void add_throttle_v2(std::vector<FileWrite>& out, const char* key, const std::vector<ThrottledDevice>& devices) {
  for (const ThrottledDevice& device : devices) {
    add(out, "io", "io.max",
        fmt::format("{}={}", key, device.value == 0 ? std::string("max") : fmt::format("{}", device.value)));
    out.back().device = device.name;
  }
}

void add_io_v2(std::vector<FileWrite>& out, const Resources& resources) {
  if (resources.io_weight.value_or(0) != 0) {
    add_weight_v2(out, *resources.io_weight, "");
  }
  for (const ThrottledDevice& device : resources.io_weight_device) {
    add_weight_v2(out, device.value, device.name);
  }
  add_throttle_v2(out, "rbps", resources.read_bps);
  add_throttle_v2(out, "riops", resources.read_iops);
  add_throttle_v2(out, "wbps", resources.write_bps);
  add_throttle_v2(out, "wiops", resources.write_iops);
}

}  // namespace

std::vector<FileWrite> compile_v2(const Resources& resources) {
  std::vector<FileWrite> out;
  add_memory_v2(out, resources);
  add_cpu_v2(out, resources);
  if (resources.pids_limit) {
    add(out, "pids", "pids.max", number_or_max(*resources.pids_limit));
  }
  add_io_v2(out, resources);
  for (const auto& [size, bytes] : resources.hugepages) {
    add(out, "hugetlb", fmt::format("hugetlb.{}.max", size), bytes);
  }
  for (const auto& [device, limits] : resources.rdma) {
    add(out, "rdma", "rdma.max", fmt::format("{} {}", device, limits));
  }
  for (const auto& [file, value] : resources.unified) {
    add(out, file.substr(0, file.find('.')).c_str(), file, value);
  }
  return out;
}

}  // namespace cmp::cgroup
