#pragma once
// Device rules in the two forms that a kernel takes them: lines for v1's lists, a program for v2. Pure.

#include <string>
#include <vector>

#include "model/device.hpp"

namespace cmp::cgroup {

/// A line of devices.allow: "c 1:3 rwm" (admin-guide/cgroup-v1/devices).
[[nodiscard]] std::string device_line(const model::DeviceRule& rule);

/// An array of bpf_insn of type BPF_PROG_TYPE_CGROUP_DEVICE that allows what a rule allows and nothing else: with no
/// rules, nothing.
[[nodiscard]] std::string device_program(const std::vector<model::DeviceRule>& rules);

}  // namespace cmp::cgroup
