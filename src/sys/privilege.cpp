#include "sys/privilege.hpp"

#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/keyctl.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr unsigned kMaxCapabilities = 64;

}  // namespace

CapabilityMask bounding_capabilities() {
  CapabilityMask mask = 0;
  for (unsigned cap = 0; cap < kMaxCapabilities; ++cap) {
    const int held = ::prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
    if (held < 0) {
      break;  // EINVAL: past the last one this kernel knows
    }
    mask |= held == 1 ? CapabilityMask{1} << cap : 0;
  }
  return mask;
}

CapabilityMask effective_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2] = {};
  if (::syscall(SYS_capget, &header, data) != 0) {
    return 0;
  }
  return data[0].effective | CapabilityMask{data[1].effective} << 32U;
}

CapabilityMask bounding_capabilities_of(pid_t pid) {
  constexpr std::string_view kField = "CapBnd:\t";
  const std::string status = read_file(fmt::format("/proc/{}/status", pid)).value_or("");
  const auto at = status.find(kField);
  CapabilityMask mask = 0;
  if (at != std::string::npos) {
    std::from_chars(status.data() + at + kField.size(), status.data() + status.size(), mask, 16);
  }
  return mask;
}

Status limit_bounding_capabilities(CapabilityMask keep) {
  for (unsigned cap = 0; cap < kMaxCapabilities; ++cap) {
    if ((keep >> cap & 1U) == 0 && ::prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) != 0) {
      if (errno == EINVAL) {
        break;  // past the last one this kernel knows
      }
      return sys_error(fmt::format("drop capability {} from the bounding set", cap));
    }
  }
  return {};
}

Status set_capabilities(CapabilityMask mask) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2] = {};
  for (unsigned word = 0; word < 2; ++word) {
    data[word].permitted = data[word].effective = static_cast<std::uint32_t>(mask >> (32 * word));
  }
  if (::syscall(SYS_capset, &header, data) != 0) {
    return sys_error(fmt::format("set capabilities to {:016x}", mask));
  }
  // Emptied by the change of ids or of the inheritable set already, unless nothing changed.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
    return sys_error("clear ambient capabilities");
  }
  return {};
}

Status set_capability_sets(const CapabilitySets& sets) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct data[2] = {};
  for (unsigned word = 0; word < 2; ++word) {
    data[word].permitted = static_cast<std::uint32_t>(sets.permitted >> (32 * word));
    data[word].effective = static_cast<std::uint32_t>(sets.effective >> (32 * word));
    data[word].inheritable = static_cast<std::uint32_t>(sets.inheritable >> (32 * word));
  }
  if (::syscall(SYS_capset, &header, data) != 0) {
    return sys_error(fmt::format("set capabilities to effective {:x}, permitted {:x}, inheritable {:x}", sets.effective,
                                 sets.permitted, sets.inheritable));
  }
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
    return sys_error("clear ambient capabilities");
  }
  for (unsigned cap = 0; cap < kMaxCapabilities; ++cap) {
    if ((sets.ambient >> cap & 1U) != 0 && ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) != 0) {
      return sys_error(fmt::format("raise ambient capability {}", cap));
    }
  }
  return {};
}

Status keep_capabilities(Switch keep) {
  if (::prctl(PR_SET_KEEPCAPS, keep == Switch::kOn ? 1 : 0, 0, 0, 0) != 0) {
    return sys_error("set the keep-capabilities flag");
  }
  return {};
}

Status set_no_new_privs() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return sys_error("set no_new_privs");
  }
  return {};
}

Status install_seccomp_filter(std::string_view program, unsigned flags) {
  // The kernel wants its own alignment.
  std::vector<sock_filter> code(program.size() / sizeof(sock_filter));
  std::memcpy(code.data(), program.data(), code.size() * sizeof(sock_filter));
  const sock_fprog filter{.len = static_cast<unsigned short>(code.size()), .filter = code.data()};
  const auto install = [&](unsigned with) { return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, with, &filter); };
  long result = install(flags);
  if (result != 0 && errno == EINVAL && (flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW) != 0) {
    result = install(flags & ~unsigned{SECCOMP_FILTER_FLAG_SPEC_ALLOW});
  }
  return result == 0 ? Status() : sys_error("install the seccomp filter");
}

Status become(const Ids& ids) {
  // The kernel takes this number for "as it is", which is root here.
  if (ids.uid == static_cast<uid_t>(-1) || ids.gid == static_cast<gid_t>(-1)) {
    return make_error(Code::kInvalid, fmt::format("{} is nobody's id", static_cast<uid_t>(-1)));
  }
  if (::setgroups(ids.groups.size(), ids.groups.data()) != 0) {
    return sys_error("set supplementary groups");
  }
  if (::setresgid(ids.gid, ids.gid, ids.gid) != 0) {
    return sys_error(fmt::format("become group {}", ids.gid));
  }
  if (::setresuid(ids.uid, ids.uid, ids.uid) != 0) {
    return sys_error(fmt::format("become user {}", ids.uid));
  }
  return {};
}

Status new_session_keyring() {
  if (::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr) < 0 && errno != ENOSYS) {
    return sys_error("make a session keyring");
  }
  return {};
}

Status set_not_dumpable() {
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return sys_error("clear the dumpable flag");
  }
  return {};
}

}  // namespace cmp::sys
