#pragma once
// Who this process is and what it may do: ids, capabilities, no_new_privs, keyring, dumpable. Each is one call of the
// kernel; the order in which they must be made is init's business.

#include <sys/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cmp::sys {

/// Capabilities are bits of a mask, bit N for capability N (linux/capability.h).
using CapabilityMask = std::uint64_t;

/// The calling process's bounding set: what it could ever give to a child (prctl PR_CAPBSET_READ).
[[nodiscard]] CapabilityMask bounding_capabilities();

/// The calling process's effective set: what it may do now (capget(2)).
[[nodiscard]] CapabilityMask effective_capabilities();

/// The same of another process, from its status in /proc; nothing if it is gone.
[[nodiscard]] CapabilityMask bounding_capabilities_of(pid_t pid);

/// Drops everything not in `keep` from the bounding set. Needs CAP_SETPCAP.
[[nodiscard]] Status limit_bounding_capabilities(CapabilityMask keep);

/// capset(2): permitted and effective become `mask`, inheritable and ambient empty. EPERM: not in the permitted set
/// now.
[[nodiscard]] Status set_capabilities(CapabilityMask mask);

/// The sets of a thread that capset(2) and PR_CAP_AMBIENT change; the bounding set stays.
struct CapabilitySets {
  CapabilityMask effective = 0, permitted = 0, inheritable = 0, ambient = 0;
};

/// Each set as given. EPERM: a set asks for more than the kernel lets it have (capabilities(7)).
[[nodiscard]] Status set_capability_sets(const CapabilitySets& sets);

enum class Switch { kOff, kOn };

/// Whether capabilities survive the change from uid 0 (prctl PR_SET_KEEPCAPS).
[[nodiscard]] Status keep_capabilities(Switch keep);

/// execve(2) gives no more privileges from now on; cannot be undone.
[[nodiscard]] Status set_no_new_privs();

/// Adds a filter of system calls to this process, an array of sock_filter; cannot be undone. Needs CAP_SYS_ADMIN or
/// no_new_privs. `flags` are SECCOMP_FILTER_FLAG_*; one of speed alone is left out where the kernel does not know it.
[[nodiscard]] Status install_seccomp_filter(std::string_view program, unsigned flags);

/// Real, effective and saved ids, and the supplementary groups.
struct Ids {
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// Groups first, then gid, then uid: the order in which each is still permitted.
[[nodiscard]] Status become(const Ids& ids);

/// An anonymous session keyring of its own, so that the caller's keys are not reachable (keyctl(2)). A kernel without
/// keyrings is success.
[[nodiscard]] Status new_session_keyring();

/// Nobody unprivileged may trace or inspect this process until it execs (CVE-2016-9962).
[[nodiscard]] Status set_not_dumpable();

}  // namespace cmp::sys
