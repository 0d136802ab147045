// cgroup v2: kernel admin-guide/cgroup-v2, "Controllers".

#include <fmt/core.h>

#include "cgroup/limits.hpp"

namespace cmp::cgroup {

namespace {

using Writes = std::vector<FileWrite>;

void add(Writes& out, const char* controller, const char* file, std::string value) {
  out.push_back({.controller = controller, .file = file, .value = std::move(value)});
}

/// cpu.weight 1…10000; cpu.max "quota period" in microseconds, "max" for no limit.
void add_cpu(Writes& out, const model::Limits& limits) {
  if (limits.cpu_shares.value_or(0) != 0) {
    add(out, "cpu", "cpu.weight", fmt::format("{}", weight_from_shares(*limits.cpu_shares)));
  }
  if (const auto bandwidth = cpu_bandwidth(limits)) {
    add(out, "cpu", "cpu.max", fmt::format("{} {}", number_or_max(bandwidth->quota_us), bandwidth->period_us));
  }
}

/// v2 counts swap alone, so memory.swap.max is what memswap_limit leaves above mem_limit; equal limits are no swap at
/// all. A reservation is memory.low: memory that is not taken while there is other memory to take.
void add_memory(Writes& out, const model::Limits& limits) {
  if (const auto both = memory_and_swap(limits)) {
    add(out, "memory", "memory.max", fmt::format("{}", limits.memory->count));
    const bool asked = limits.memswap.value_or(Bytes{}).count != 0;
    const std::string swap = *both < 0 ? "max" : fmt::format("{}", *both - limits.memory->count);
    out.push_back({.controller = "memory", .file = "memory.swap.max", .value = swap, .required = asked && *both >= 0});
  }
  if (limits.memory_reservation.value_or(Bytes{}).count > 0) {
    add(out, "memory", "memory.low", fmt::format("{}", limits.memory_reservation->count));
  }
}

void add_rates(Writes& out, const char* kind, const std::vector<model::DeviceRate>& rates) {
  for (const model::DeviceRate& rate : rates) {
    out.push_back(
        {.controller = "io", .file = "io.max", .value = fmt::format("{}={}", kind, rate.value), .device = rate.path});
  }
}

/// io.max has one line a device; what is not named in a write stays. Weights are of BFQ (1…1000) or of the cost model
/// (1…10000).
void add_io(Writes& out, const model::BlockIo& blkio) {
  if (blkio.weight != 0) {
    out.push_back({.controller = "io",
                   .file = "io.bfq.weight",
                   .value = fmt::format("{}", blkio.weight),
                   .other_file = "io.weight",
                   .other_value = fmt::format("default {}", io_weight(blkio.weight))});
  }
  for (const model::DeviceRate& rate : blkio.weight_device) {
    out.push_back({.controller = "io",
                   .file = "io.bfq.weight",
                   .value = fmt::format("{}", rate.value),
                   .device = rate.path,
                   .other_file = "io.weight",
                   .other_value = fmt::format("{}", io_weight(rate.value))});
  }
  add_rates(out, "rbps", blkio.read_bps);
  add_rates(out, "riops", blkio.read_iops);
  add_rates(out, "wbps", blkio.write_bps);
  add_rates(out, "wiops", blkio.write_iops);
}

}  // namespace

std::vector<FileWrite> compile_v2(const model::Limits& limits) {
  Writes out;
  add_cpu(out, limits);
  if (!limits.cpuset.value_or("").empty()) {
    add(out, "cpuset", "cpuset.cpus", *limits.cpuset);
  }
  add_memory(out, limits);
  add_io(out, limits.blkio);
  if (limits.pids.value_or(0) != 0) {
    add(out, "pids", "pids.max", number_or_max(*limits.pids));
  }
  return out;
}

}  // namespace cmp::cgroup
