// cgroup v2: kernel admin-guide/cgroup-v2, "Controllers".

#include <fmt/core.h>

#include "cgroup/resources.hpp"

namespace cmp::cgroup {

namespace {

using Writes = std::vector<FileWrite>;

void add(Writes& out, const char* controller, std::string file, std::string value) {
  out.push_back({.controller = controller, .file = std::move(file), .value = std::move(value)});
}

std::string bytes_or_max(std::int64_t bytes) {
  return bytes < 0 ? "max" : fmt::format("{}", bytes);
}

/// v2 counts swap alone: what memory and swap together leave above memory.
void add_memory(Writes& out, const Resources& resources) {
  const std::int64_t limit = resources.memory_limit.value_or(0);
  if (resources.memory_swap && *resources.memory_swap != 0) {
    const std::int64_t swap = *resources.memory_swap;
    add(out, "memory", "memory.swap.max",
        swap < 0 ? "max" : fmt::format("{}", swap - std::max<std::int64_t>(limit, 0)));
  }
  if (limit != 0) {
    add(out, "memory", "memory.max", bytes_or_max(limit));
  }
  if (resources.memory_reservation.value_or(0) != 0) {
    add(out, "memory", "memory.low", bytes_or_max(*resources.memory_reservation));
  }
}

void add_cpu(Writes& out, const Resources& resources) {
  if (resources.cpu_idle) {
    add(out, "cpu", "cpu.idle", fmt::format("{}", *resources.cpu_idle));
  }
  if (resources.cpu_shares.value_or(0) != 0) {
    add(out, "cpu", "cpu.weight", fmt::format("{}", weight_from_shares(*resources.cpu_shares)));
  }
  if (resources.cpu_quota.value_or(0) != 0 || resources.cpu_period.value_or(0) != 0) {
    const std::string quota = number_or_max(resources.cpu_quota.value_or(-1));
    const std::uint64_t period = resources.cpu_period.value_or(0);
    add(out, "cpu", "cpu.max", period == 0 ? quota : fmt::format("{} {}", quota, period));
  }
  if (resources.cpu_burst) {
    add(out, "cpu", "cpu.max.burst", fmt::format("{}", *resources.cpu_burst));
  }
  if (!resources.cpus.empty()) {
    add(out, "cpuset", "cpuset.cpus", resources.cpus);
  }
  if (!resources.mems.empty()) {
    add(out, "cpuset", "cpuset.mems", resources.mems);
  }
}

/// v1's 10…1000 on v2's scale of 1…10000.
std::uint64_t io_weight(std::uint64_t weight) {
  return weight < 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

void add_io_max(Writes& out, const char* key, const std::vector<ThrottledDevice>& devices) {
  for (const ThrottledDevice& device : devices) {
    add(out, "io", "io.max",
        fmt::format("{}:{} {}={}", device.major, device.minor, key,
                    device.value == 0 ? std::string("max") : fmt::format("{}", device.value)));
  }
}

void add_io(Writes& out, const Resources& resources) {
  if (resources.io_weight.value_or(0) != 0) {
    add(out, "io", "io.weight|io.bfq.weight", fmt::format("{}", io_weight(*resources.io_weight)));
  }
  for (const ThrottledDevice& device : resources.io_weight_device) {
    add(out, "io", "io.weight|io.bfq.weight",
        fmt::format("{}:{} {}", device.major, device.minor, io_weight(device.value)));
  }
  add_io_max(out, "rbps", resources.read_bps);
  add_io_max(out, "wbps", resources.write_bps);
  add_io_max(out, "riops", resources.read_iops);
  add_io_max(out, "wiops", resources.write_iops);
}

}  // namespace

std::vector<FileWrite> resource_writes_v2(const Resources& resources) {
  Writes out;
  add_memory(out, resources);
  add_cpu(out, resources);
  if (resources.pids_limit) {
    add(out, "pids", "pids.max", number_or_max(*resources.pids_limit));
  }
  add_io(out, resources);
  for (const auto& [size, bytes] : resources.hugepages) {
    add(out, "hugetlb", fmt::format("hugetlb.{}.max", size), fmt::format("{}", bytes));
  }
  for (const auto& [device, limits] : resources.rdma) {
    add(out, "rdma", "rdma.max", fmt::format("{} {}", device, limits));
  }
  for (const auto& [file, value] : resources.unified) {
    const std::string controller = file.substr(0, file.find('.'));
    add(out, controller.c_str(), file, value);
  }
  return out;
}

}  // namespace cmp::cgroup
