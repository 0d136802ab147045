#pragma once
// What the runtime finds out about the host, and does to a process from outside, for a create and for an exec alike.

#include <string>

#include "base/result.hpp"
#include "cgroup/cgroup.hpp"
#include "oci/compile.hpp"
#include "oci/state.hpp"

namespace cmp::runtime {

[[nodiscard]] oci::Facts gather_facts(const oci::Config& config, const cgroup::Layout& layout,
                                      const oci::Record& record);

/// rlimits, scheduler, ioPriority and oomScoreAdj of a process that has not executed its program yet.
[[nodiscard]] Status limit_process(const oci::Process& process, pid_t pid);

/// The filter of system calls and the labels of security modules. kUnsupported: what this host has not got.
[[nodiscard]] Status confine(container::Credentials& credentials, const oci::Config& config,
                             const oci::Process& process);

/// A reader sees the whole number or no file. "" is no file.
[[nodiscard]] Status write_pid_file(const std::string& path, pid_t pid);

}  // namespace cmp::runtime
