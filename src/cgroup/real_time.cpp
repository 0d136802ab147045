#include "cgroup/real_time.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "cgroup/counters.hpp"
#include "cgroup/directory.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

constexpr const char* kRuntime = "cpu.rt_runtime_us";
constexpr const char* kPeriod = "cpu.rt_period_us";

double number_in(const std::string& directory, const char* file) {
  const auto text = sys::read_file(fmt::format("{}/{}", directory, file));
  return text ? static_cast<double>(value_in(*text, "").value_or(0)) : 0;
}

/// The part of a processor's time that a group may use.
double share_of(const std::string& directory) {
  const double period = number_in(directory, kPeriod);
  return period > 0 ? number_in(directory, kRuntime) / period : 0;
}

/// What the groups below need, when `child` needs `share`.
double need_of(const std::string& directory, const std::string& child, double share) {
  const auto names = sys::list_directory(directory);
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    // Files of the group itself have a dot in their name and no budget below them.
    share += name == child ? 0 : share_of(fmt::format("{}/{}", directory, name));
  }
  return share;
}

}  // namespace

Status grant_real_time(const Hierarchy& hierarchy, const Group& group, const model::Limits& limits) {
  if (hierarchy.version != Version::kV1 || !hierarchy.has("cpu") || limits.cpu_rt_runtime_us.value_or(0) <= 0) {
    return {};
  }
  double share =
      static_cast<double>(*limits.cpu_rt_runtime_us) / static_cast<double>(limits.cpu_rt_period_us.value_or(1'000'000));
  std::vector<std::pair<std::string, double>> parents;  // innermost first
  std::string path = group.path;
  for (auto slash = path.rfind('/'); slash != std::string::npos; slash = path.rfind('/')) {
    const std::string child = path.substr(slash + 1);
    path.resize(slash);
    share = need_of(path_of(hierarchy, {path}), child, share);
    parents.emplace_back(path_of(hierarchy, {path}), share);
  }
  for (auto it = parents.rbegin(); it != parents.rend(); ++it) {
    const auto& [directory, needed] = *it;
    if (share_of(directory) < needed) {
      const auto runtime = static_cast<std::int64_t>(std::ceil(needed * number_in(directory, kPeriod)));
      CMP_CHECK(sys::write_kernel_file(fmt::format("{}/{}", directory, kRuntime), std::to_string(runtime)));
    }
  }
  return {};
}

}  // namespace cmp::cgroup
