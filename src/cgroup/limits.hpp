#pragma once
// What a service asks for, in the words of Resources, from which the one compiler of each version makes file writes;
// and what the two compilers share. What a host cannot express is the business of unsupported(): a compiler leaves it
// out.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cgroup/file_write.hpp"
#include "cgroup/resources.hpp"
#include "model/project.hpp"

namespace cmp::cgroup {

/// What the Compose keys ask for; absent and 0 are nothing. Swap that nobody asked for is a default of ours.
[[nodiscard]] Resources resources_of(const model::Limits& limits);

/// What turns a group with the limits `before` into one with `after`: what is not asked for any more has the kernel's
/// default again. Processors (cpuset) have none and are left alone.
[[nodiscard]] Resources resources_of_change(const model::Limits& before, const model::Limits& after);

/// In the order in which they are to be written.
[[nodiscard]] std::vector<FileWrite> compile_v1(const Resources& resources);
[[nodiscard]] std::vector<FileWrite> compile_v2(const Resources& resources);

/// The controllers a group needs for these limits, sorted. Memory always: for its counters.
[[nodiscard]] std::vector<std::string> needed_controllers(const model::Limits& limits);

/// Time on processors: `quota_us` (-1 is no limit) in every `period_us`.
struct CpuBandwidth {
  std::int64_t quota_us = -1;
  std::uint64_t period_us = 100'000;
  friend bool operator==(const CpuBandwidth&, const CpuBandwidth&) = default;
};

/// The least quota and the range of the period the kernel takes (scheduler/sched-bwc).
inline constexpr std::int64_t kLeastQuotaUs = 1'000;
inline constexpr std::uint64_t kLeastPeriodUs = 1'000, kGreatestPeriodUs = 1'000'000;

/// What cpus, cpu_quota and cpu_period ask for; nothing if they ask for nothing. `cpus` wins over `cpu_quota`; a period
/// beside it is kept. 0.5 cpus are 50 ms in every 100 ms; less than 0.01 are taken in a period of 1 s, since the kernel
/// takes no quota below 1 ms; least is 0.001. cpus 0 and cpu_quota 0 or less are no limit.
[[nodiscard]] std::optional<CpuBandwidth> cpu_bandwidth(const model::Limits& limits);

/// Memory and swap together in bytes, -1 for no limit; nothing if there is no memory limit to add to. As with Docker,
/// absent or 0 means as much swap as memory (compose-spec: memswap_limit).
[[nodiscard]] std::optional<std::int64_t> memory_and_swap(const model::Limits& limits);

/// Translates cgroup v1's cpu.shares to v2's cpu.weight.
///
/// \param shares  2…262144, default 1024; values outside are brought to the nearest end.
/// \returns       1…10000, default 100.
/// Both scales are shares of a whole, but a straight line from end to end would make the default 1024 a weight of 39,
/// and services started with the default would lose against everything else on the host. The curve goes through both
/// ends and (1024, 100): log10(weight) = (l² + 125·l) / 612 − 7/34 with l = log2(shares), as OCI runtimes have it since
/// 2025. Ranges: kernel admin-guide/cgroup-v1/cpu-shares, admin-guide/cgroup-v2.
[[nodiscard]] std::uint64_t weight_from_shares(std::uint64_t shares);

/// A weight 10…1000 of blkio on v2's scale 1…10000 (admin-guide/cgroup-v2, io.weight).
[[nodiscard]] std::uint64_t io_weight(std::uint64_t weight);

/// "max" for -1 and 0 (no limit), else the number. Source: admin-guide/cgroup-v2, "max" token; v1 has it for pids only.
[[nodiscard]] std::string number_or_max(std::int64_t number);

}  // namespace cmp::cgroup
