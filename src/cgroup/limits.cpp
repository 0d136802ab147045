#include "cgroup/limits.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

namespace cmp::cgroup {

namespace {

CpuBandwidth share_of_period(double cpus, std::uint64_t period_us) {
  const auto quota_in = [cpus](std::uint64_t period) { return std::llround(cpus * static_cast<double>(period)); };
  if (quota_in(period_us) < kLeastQuotaUs) {
    period_us = kGreatestPeriodUs;
  }
  return {.quota_us = std::max<std::int64_t>(quota_in(period_us), kLeastQuotaUs), .period_us = period_us};
}

std::vector<ThrottledDevice> throttled(const std::vector<model::DeviceRate>& rates) {
  std::vector<ThrottledDevice> out;
  out.reserve(rates.size());
  for (const model::DeviceRate& rate : rates) {
    out.push_back({rate.path, rate.value});
  }
  return out;
}

void take_memory(const model::Limits& limits, Resources& out) {
  if (const auto both = memory_and_swap(limits)) {
    out.memory_limit = limits.memory->count;
    out.memory_swap = *both;
    out.memory_swap_is_default = limits.memswap.value_or(Bytes{}).count == 0;
  }
  if (limits.memory_reservation.value_or(Bytes{}).count > 0) {
    out.memory_reservation = limits.memory_reservation->count;
  }
  if (limits.mem_swappiness) {
    out.memory_swappiness = static_cast<std::uint64_t>(*limits.mem_swappiness);
  }
  if (limits.oom_kill_disable.value_or(false)) {
    out.disable_oom_killer = true;
  }
}

void take_processors(const model::Limits& limits, Resources& out) {
  if (limits.cpu_shares.value_or(0) != 0) {
    out.cpu_shares = limits.cpu_shares;
  }
  if (const auto bandwidth = cpu_bandwidth(limits)) {
    out.cpu_period = bandwidth->period_us;
    out.cpu_quota = bandwidth->quota_us;
  }
  out.cpu_realtime_period = limits.cpu_rt_period_us;
  out.cpu_realtime_runtime = limits.cpu_rt_runtime_us;
  out.cpus = limits.cpuset.value_or("");
}

void take_block_devices(const model::BlockIo& blkio, Resources& out) {
  if (blkio.weight != 0) {
    out.io_weight = blkio.weight;
  }
  out.io_weight_device = throttled(blkio.weight_device);
  out.read_bps = throttled(blkio.read_bps);
  out.read_iops = throttled(blkio.read_iops);
  out.write_bps = throttled(blkio.write_bps);
  out.write_iops = throttled(blkio.write_iops);
}

/// Devices that only `before` names have no limit any more.
void lift_throttles(const std::vector<ThrottledDevice>& before, std::vector<ThrottledDevice>& after) {
  for (const ThrottledDevice& device : before) {
    if (std::ranges::find(after, device.name, &ThrottledDevice::name) == after.end()) {
      after.push_back({device.name, 0});
    }
  }
}

void lift_memory(const Resources& old, Resources& out) {
  if (old.memory_limit && !out.memory_limit) {
    out.memory_limit = -1;
    out.memory_swap = -1;
  }
  if (old.memory_reservation && !out.memory_reservation) {
    out.memory_reservation = -1;
    out.unified["memory.low"] = "0";  // on v2 a reservation is protection, and there none is 0
  }
  if (old.memory_swappiness && !out.memory_swappiness) {
    out.memory_swappiness = 60;
  }
  if (old.disable_oom_killer && !out.disable_oom_killer) {
    out.disable_oom_killer = false;
  }
}

void lift_processors(const Resources& old, Resources& out) {
  if (old.cpu_shares && !out.cpu_shares) {
    out.cpu_shares = 1024;
  }
  if (old.cpu_quota && !out.cpu_quota) {
    out.cpu_quota = -1;
    out.cpu_period = 100'000;
  }
  if (old.cpu_realtime_runtime && !out.cpu_realtime_runtime) {
    out.cpu_realtime_runtime = 0;
  }
}

}  // namespace

Resources resources_of_change(const model::Limits& before, const model::Limits& after) {
  const Resources old = resources_of(before);
  Resources out = resources_of(after);
  lift_memory(old, out);
  lift_processors(old, out);
  if (old.pids_limit && !out.pids_limit) {
    out.pids_limit = -1;
  }
  if (old.io_weight && !out.io_weight) {
    out.io_weight = 100;
  }
  lift_throttles(old.read_bps, out.read_bps);
  lift_throttles(old.read_iops, out.read_iops);
  lift_throttles(old.write_bps, out.write_bps);
  lift_throttles(old.write_iops, out.write_iops);
  return out;
}

Resources resources_of(const model::Limits& limits) {
  Resources out;
  take_memory(limits, out);
  take_processors(limits, out);
  take_block_devices(limits.blkio, out);
  if (limits.pids.value_or(0) != 0) {
    out.pids_limit = limits.pids;
  }
  return out;
}

std::optional<CpuBandwidth> cpu_bandwidth(const model::Limits& limits) {
  const std::uint64_t period = limits.cpu_period_us.value_or(0) != 0 ? *limits.cpu_period_us : 100'000;
  if (limits.cpus.value_or(0) > 0) {
    return share_of_period(*limits.cpus, period);
  }
  const std::int64_t quota = limits.cpu_quota_us.value_or(0);
  if (quota == 0 && limits.cpu_period_us.value_or(0) == 0) {
    return std::nullopt;
  }
  return CpuBandwidth{.quota_us = quota > 0 ? quota : -1, .period_us = period};
}

std::optional<std::int64_t> memory_and_swap(const model::Limits& limits) {
  const std::int64_t memory = limits.memory.value_or(Bytes{}).count;
  if (memory <= 0) {
    return std::nullopt;
  }
  const std::int64_t both = limits.memswap.value_or(Bytes{}).count;
  if (both < 0) {
    return -1;
  }
  return both > 0 ? std::max(both, memory) : 2 * memory;
}

std::vector<std::string> needed_controllers(const model::Limits& limits) {
  std::vector<std::string> names;
  if (!limits.blkio.empty()) {
    names.emplace_back("blkio");
  }
  if (cpu_bandwidth(limits) || limits.cpu_shares.value_or(0) != 0 || limits.cpu_rt_runtime_us.value_or(0) != 0) {
    names.emplace_back("cpu");
  }
  if (!limits.cpuset.value_or("").empty()) {
    names.emplace_back("cpuset");
  }
  if (!limits.blkio.empty()) {
    names.emplace_back("io");  // what v2 calls it
  }
  names.emplace_back("memory");
  if (limits.pids.value_or(0) != 0) {
    names.emplace_back("pids");
  }
  return names;
}

std::uint64_t weight_from_shares(std::uint64_t shares) {
  const double l = std::log2(static_cast<double>(std::clamp<std::uint64_t>(shares, 2, 262'144)));
  const double exponent = (l * l + 125.0 * l) / 612.0 - 7.0 / 34.0;
  // Rounded up, but not from an error in the last digit: 1024 has to give 100, not 101.
  const auto weight = static_cast<std::uint64_t>(std::ceil(std::pow(10.0, exponent) - 1e-6));
  return std::clamp<std::uint64_t>(weight, 1, 10'000);
}

std::uint64_t io_weight(std::uint64_t weight) {
  return 1 + (std::clamp<std::uint64_t>(weight, 10, 1000) - 10) * 9'999 / 990;
}

std::string number_or_max(std::int64_t number) {
  return number > 0 ? fmt::format("{}", number) : "max";
}

}  // namespace cmp::cgroup
