// What a host can give, decided from its layout alone: no I/O.

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/limits.hpp"

namespace cmp::cgroup {

namespace {

using Problems = std::vector<Unsupported>;

void need(Problems& out, const Layout& layout, bool asked, const char* key, const char* controller) {
  if (asked && !layout.has(controller)) {
    out.push_back({key, fmt::format("this host has no cgroup controller '{}' for cmp ({})", controller, layout.why)});
  }
}

void need_v1(Problems& out, const Layout& layout, bool asked, const char* key) {
  if (asked && layout.version == Version::kV2) {
    out.push_back({key, "cgroup v2 has no such setting"});
  }
}

void check_controllers(Problems& out, const model::Limits& limits, const Layout& layout) {
  need(out, layout, limits.cpus.value_or(0) > 0, "cpus", "cpu");
  need(out, layout, limits.cpu_shares.value_or(0) != 0, "cpu_shares", "cpu");
  need(out, layout, limits.cpu_quota_us.value_or(0) > 0, "cpu_quota", "cpu");
  need(out, layout, !limits.cpuset.value_or("").empty(), "cpuset", "cpuset");
  need(out, layout, limits.memory.value_or(Bytes{}).count > 0, "mem_limit", "memory");
  need(out, layout, limits.memory_reservation.value_or(Bytes{}).count > 0, "mem_reservation", "memory");
  need(out, layout, limits.pids.value_or(0) > 0, "pids_limit", "pids");
  if (!limits.blkio.empty() && !layout.has("io")) {
    need(out, layout, true, "blkio_config", "blkio");
  }
  if ((limits.cpu_rt_runtime_us || limits.cpu_rt_period_us) && !layout.real_time) {
    out.push_back({limits.cpu_rt_runtime_us ? "cpu_rt_runtime" : "cpu_rt_period",
                   "it needs a cpu controller of cgroup v1 and a kernel with CONFIG_RT_GROUP_SCHED"});
  }
  need_v1(out, layout, limits.mem_swappiness.has_value(), "mem_swappiness");
  need_v1(out, layout, limits.oom_kill_disable.value_or(false), "oom_kill_disable");
}

void check_swap(Problems& out, const model::Limits& limits, const Layout& layout) {
  const std::int64_t both = limits.memswap.value_or(Bytes{}).count;
  const std::int64_t memory = limits.memory.value_or(Bytes{}).count;
  if (both <= 0) {
    return;
  }
  if (memory <= 0) {
    out.push_back({"memswap_limit", "it counts memory and swap together and needs a mem_limit beside it"});
  } else if (both < memory) {
    out.push_back({"memswap_limit", "it counts memory and swap together and cannot be less than mem_limit"});
  } else if (!layout.swap) {
    out.push_back({"memswap_limit", "this kernel does not count swap (swapaccount=0 or no swap support)"});
  }
}

/// Docker's bounds: what is below them can't hold a process, or says two things at once.
void check_values(Problems& out, const model::Limits& limits) {
  constexpr std::int64_t kLeastMemory = 6 << 20;
  const std::int64_t memory = limits.memory.value_or(Bytes{}).count;
  if (memory > 0 && memory < kLeastMemory) {
    out.push_back({"mem_limit", "no service runs with less than 6 MiB"});
  }
  if (memory > 0 && limits.memory_reservation.value_or(Bytes{}).count > memory) {
    out.push_back({"mem_reservation", "it cannot be more than mem_limit"});
  }
  if (limits.mem_swappiness && (*limits.mem_swappiness < 0 || *limits.mem_swappiness > 100)) {
    out.push_back({"mem_swappiness", "the kernel takes 0 to 100"});
  }
  if (limits.cpu_rt_runtime_us.value_or(0) > static_cast<std::int64_t>(limits.cpu_rt_period_us.value_or(1'000'000))) {
    out.push_back({"cpu_rt_runtime", "it cannot be more than cpu_rt_period"});
  }
}

void check_bandwidth(Problems& out, const model::Limits& limits) {
  const std::int64_t quota = limits.cpu_quota_us.value_or(0);
  const std::uint64_t period = limits.cpu_period_us.value_or(0);
  if (quota > 0 && quota < kLeastQuotaUs) {
    out.push_back({"cpu_quota", fmt::format("the kernel takes {} us and more", kLeastQuotaUs)});
  }
  if (period != 0 && (period < kLeastPeriodUs || period > kGreatestPeriodUs)) {
    out.push_back({"cpu_period", fmt::format("the kernel takes {} to {} us", kLeastPeriodUs, kGreatestPeriodUs)});
  }
}

bool any_of(const Hierarchy& hierarchy, const std::vector<std::string>& controllers) {
  return std::ranges::any_of(controllers, [&](const std::string& name) { return hierarchy.has(name); });
}

}  // namespace

bool Hierarchy::has(std::string_view controller) const {
  return std::ranges::find(controllers, controller) != controllers.end();
}

bool Layout::has(std::string_view controller) const {
  return std::ranges::any_of(hierarchies, [&](const Hierarchy& hierarchy) { return hierarchy.has(controller); });
}

std::vector<Unsupported> unsupported(const model::Limits& limits, const Layout& layout) {
  Problems out;
  check_controllers(out, limits, layout);
  check_swap(out, limits, layout);
  check_values(out, limits);
  check_bandwidth(out, limits);
  return out;
}

std::vector<Hierarchy> joined(const Layout& layout, const model::Limits& limits) {
  const bool has_v2_tree =
      std::ranges::find(layout.hierarchies, Version::kV2, &Hierarchy::version) != layout.hierarchies.end();
  std::vector<std::string> controllers = needed_controllers(limits);
  if (!has_v2_tree) {
    // Nothing else to freeze (and so to kill all at once), and to measure processor time with.
    controllers.insert(controllers.end(), {"freezer", "cpuacct"});
  }
  std::vector<Hierarchy> out;
  std::ranges::copy_if(layout.hierarchies, std::back_inserter(out), [&](const Hierarchy& hierarchy) {
    return hierarchy.version == Version::kV2 || any_of(hierarchy, controllers);
  });
  return out;
}

}  // namespace cmp::cgroup
