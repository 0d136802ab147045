#pragma once
// bpf(2): programs that decide about devices in a cgroup.

#include <string_view>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// Loads a program of type BPF_PROG_TYPE_CGROUP_DEVICE, an array of bpf_insn. EPERM: not allowed to; EINVAL: this
/// kernel has no such programs; ENOSYS: none at all.
[[nodiscard]] Result<UniqueFd> load_device_program(std::string_view program);

/// Puts it on the v2 cgroup of an open directory, beside others there and above: each of them must allow. It stays
/// until the cgroup is removed.
[[nodiscard]] Status attach_device_program(int cgroup, int program);

}  // namespace cmp::sys
