#pragma once
// Limits in the words of the OCI Runtime Specification (config-linux.md, Control groups), for services and bundles
// both, and what only bundles need of control groups.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"

namespace cmp::cgroup {

/// A device the group may or may not open: one line of v1's devices.allow or devices.deny.
struct DeviceRule {
  bool allow = false;
  char type = 'a';                            ///< a, b or c
  std::optional<std::uint32_t> major, minor;  ///< absent is every number
  std::string access = "rwm";
  friend bool operator==(const DeviceRule&, const DeviceRule&) = default;
};

/// A block device and a number for it: a weight, or bytes or operations a second.
struct ThrottledDevice {
  std::string name;  ///< "/dev/sda" or "8:0"
  std::uint64_t value = 0;
  friend bool operator==(const ThrottledDevice&, const ThrottledDevice&) = default;
};

/// Absent means left alone; -1 means no limit where the specification says so.
struct Resources {
  std::vector<DeviceRule> devices;

  std::optional<std::int64_t> memory_limit, memory_reservation, memory_swap, memory_kernel, memory_kernel_tcp;
  bool memory_swap_is_default = false;  ///< nobody has asked for it: a kernel that does not count swap does without
  std::optional<std::uint64_t> memory_swappiness;
  std::optional<bool> disable_oom_killer;

  std::optional<std::uint64_t> cpu_shares, cpu_period, cpu_burst, cpu_realtime_period;
  std::optional<std::int64_t> cpu_quota, cpu_realtime_runtime, cpu_idle;
  std::string cpus, mems;

  std::optional<std::int64_t> pids_limit;

  std::optional<std::uint64_t> io_weight, io_leaf_weight;
  std::vector<ThrottledDevice> io_weight_device, io_leaf_weight_device;
  std::vector<ThrottledDevice> read_bps, write_bps, read_iops, write_iops;

  std::map<std::string, std::uint64_t> hugepages;  ///< "2MB" → bytes
  std::optional<std::uint32_t> net_class_id;
  std::map<std::string, std::uint32_t> net_priorities;  ///< interface → priority
  std::map<std::string, std::string> rdma;              ///< device → "hca_handle=3 hca_object=10000"
  std::map<std::string, std::string> unified;           ///< v2: file → text
};

/// What cannot be expressed whatever the host has: swap below memory, a conflict of `unified` with a v1 host.
[[nodiscard]] Status check_resources(const Resources& resources, Version version);

/// Every hierarchy of this host, each from its root: what a bundle's cgroupsPath is relative to. Controllers that only
/// bundles ask for (devices, net_cls, hugetlb …) are among them.
[[nodiscard]] Result<Layout> detect_everything();

/// Makes the group in every hierarchy of the layout, without limits. A group that is there already is used.
[[nodiscard]] Status create_everywhere(const Layout& layout, const Group& group);

/// Writes the resources to a group. A file that the kernel has not got is an error that names it.
/// \returns what has no effect here and may be without: kernel memory, which Linux has given up, and what only v1 has.
[[nodiscard]] Result<std::vector<std::string>> apply_resources(const Layout& layout, const Group& group,
                                                               const Resources& resources);

/// Whether its processes are stopped by freeze(); false where nothing could stop them.
[[nodiscard]] bool is_frozen(const Layout& layout, const Group& group);

/// Moves a process into the group, in every hierarchy.
[[nodiscard]] Status move_into(const Layout& layout, const Group& group, int pid);

}  // namespace cmp::cgroup
