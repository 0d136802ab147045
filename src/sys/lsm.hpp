#pragma once
// Linux security modules: whether this host has one, and what the next program is to be confined by.

#include <string>

#include "base/result.hpp"

namespace cmp::sys {

enum class LabelledBy { kAppArmor, kSelinux };

/// Whether the module is active on this host.
[[nodiscard]] bool lsm_active(LabelledBy module);

/// Whether the kernel has this AppArmor profile (apparmor_parser(8) loads them).
[[nodiscard]] bool apparmor_profile_loaded(const std::string& profile);

/// The label that the next execve(2) of this process takes on (proc_pid_attr(5)). What is written to is the process's
/// own attribute in a real procfs, or nothing is written at all (CVE-2019-16884, CVE-2025-52881).
[[nodiscard]] Status set_exec_label(LabelledBy module, const std::string& label);

/// The same beneath a directory in place of /proc, whatever file system that is: for tests.
[[nodiscard]] Status set_exec_label_in(int proc, LabelledBy module, const std::string& label);

}  // namespace cmp::sys
