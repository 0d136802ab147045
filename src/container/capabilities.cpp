#include "container/capabilities.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/core.h>

namespace cmp::container {

namespace {

// linux/capability.h: the index is the number.
constexpr std::array<std::string_view, 41> kNames = {"CHOWN",
                                                     "DAC_OVERRIDE",
                                                     "DAC_READ_SEARCH",
                                                     "FOWNER",
                                                     "FSETID",
                                                     "KILL",
                                                     "SETGID",
                                                     "SETUID",
                                                     "SETPCAP",
                                                     "LINUX_IMMUTABLE",
                                                     "NET_BIND_SERVICE",
                                                     "NET_BROADCAST",
                                                     "NET_ADMIN",
                                                     "NET_RAW",
                                                     "IPC_LOCK",
                                                     "IPC_OWNER",
                                                     "SYS_MODULE",
                                                     "SYS_RAWIO",
                                                     "SYS_CHROOT",
                                                     "SYS_PTRACE",
                                                     "SYS_PACCT",
                                                     "SYS_ADMIN",
                                                     "SYS_BOOT",
                                                     "SYS_NICE",
                                                     "SYS_RESOURCE",
                                                     "SYS_TIME",
                                                     "SYS_TTY_CONFIG",
                                                     "MKNOD",
                                                     "LEASE",
                                                     "AUDIT_WRITE",
                                                     "AUDIT_CONTROL",
                                                     "SETFCAP",
                                                     "MAC_OVERRIDE",
                                                     "MAC_ADMIN",
                                                     "SYSLOG",
                                                     "WAKE_ALARM",
                                                     "BLOCK_SUSPEND",
                                                     "AUDIT_READ",
                                                     "PERFMON",
                                                     "BPF",
                                                     "CHECKPOINT_RESTORE"};

std::string bare_upper(std::string_view name) {
  std::string upper(name);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return upper.starts_with("CAP_") ? upper.substr(4) : upper;
}

struct NamedSet {
  bool all = false;
  CapabilityMask mask = 0;
};

Result<NamedSet> read_names(const std::vector<std::string>& names) {
  NamedSet set;
  for (const std::string& name : names) {
    if (is_all(name)) {
      set.all = true;
      continue;
    }
    CMP_TRY(const CapabilityMask bit, capability_bit(name));
    set.mask |= bit;
  }
  return set;
}

}  // namespace

Result<CapabilityMask> capability_bit(std::string_view name) {
  const auto it = std::ranges::find(kNames, bare_upper(name));
  if (it == kNames.end()) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no capability", name));
  }
  return CapabilityMask{1} << static_cast<unsigned>(it - kNames.begin());
}

bool is_all(std::string_view name) {
  return bare_upper(name) == "ALL";
}

std::vector<std::string> capability_names(CapabilityMask mask) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 64; ++bit) {
    if ((mask >> bit & 1U) != 0) {
      names.push_back(bit < kNames.size() ? fmt::format("CAP_{}", kNames.at(bit)) : fmt::format("CAP_{}", bit));
    }
  }
  return names;
}

Result<CapabilityMask> capabilities_for(const CapabilityRequest& request) {
  CMP_TRY(const NamedSet add, read_names(request.add));
  CMP_TRY(const NamedSet drop, read_names(request.drop));
  if (request.privileged) {
    return request.available;
  }
  const CapabilityMask missing = add.mask & ~request.available;
  if (missing != 0) {
    return make_error(Code::kUnsupported, fmt::format("{} is not available: the process that runs cmp does not have it",
                                                      capability_names(missing).front()));
  }
  if (add.all) {
    return request.available & ~drop.mask;
  }
  if (drop.all) {
    return add.mask;
  }
  return ((kDefaultCapabilities & ~drop.mask) | add.mask) & request.available;
}

}  // namespace cmp::container
