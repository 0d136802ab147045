#include "container/sandbox.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <map>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/capabilities.hpp"
#include "container/labels.hpp"
#include "container/security.hpp"
#include "model/namespaces.hpp"

namespace cmp::container {

namespace {

constexpr std::array kReadOnlyPaths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"};
constexpr std::array kMaskedPaths = {"/proc/acpi",
                                     "/proc/asound",
                                     "/proc/interrupts",
                                     "/proc/kcore",
                                     "/proc/keys",
                                     "/proc/latency_stats",
                                     "/proc/sched_debug",
                                     "/proc/scsi",
                                     "/proc/timer_list",
                                     "/proc/timer_stats",
                                     "/sys/devices/virtual/powercap",
                                     "/sys/firmware"};

// sysctls that belong to the IPC namespace (ipc_namespaces(7)).
constexpr std::array<std::string_view, 8> kIpcSysctls = {"kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
                                                         "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
                                                         "kernel.shmmni", "kernel.shm_rmid_forced"};

struct NamedLimit {
  std::string_view name;
  int resource;
};

constexpr std::array kLimits = {NamedLimit{"as", RLIMIT_AS},
                                NamedLimit{"core", RLIMIT_CORE},
                                NamedLimit{"cpu", RLIMIT_CPU},
                                NamedLimit{"data", RLIMIT_DATA},
                                NamedLimit{"fsize", RLIMIT_FSIZE},
                                NamedLimit{"locks", RLIMIT_LOCKS},
                                NamedLimit{"memlock", RLIMIT_MEMLOCK},
                                NamedLimit{"msgqueue", RLIMIT_MSGQUEUE},
                                NamedLimit{"nice", RLIMIT_NICE},
                                NamedLimit{"nofile", RLIMIT_NOFILE},
                                NamedLimit{"nproc", RLIMIT_NPROC},
                                NamedLimit{"rss", RLIMIT_RSS},
                                NamedLimit{"rtprio", RLIMIT_RTPRIO},
                                NamedLimit{"rttime", RLIMIT_RTTIME},
                                NamedLimit{"sigpending", RLIMIT_SIGPENDING},
                                NamedLimit{"stack", RLIMIT_STACK}};

std::uint64_t limit_value(std::int64_t value) {
  return value < 0 ? std::uint64_t{RLIM_INFINITY} : static_cast<std::uint64_t>(value);
}

Status check_sysctl(const model::Service& service, const std::string& key, const std::string& value) {
  const auto wrong = [&](const std::string& why) {
    return blame(service, "sysctls", Code::kInvalid, fmt::format("'{}' {}", key, why));
  };
  if (key.find("..") != std::string::npos || key.find('/') != std::string::npos ||
      value.find('\n') != std::string::npos) {
    return wrong("is not well formed");
  }
  const model::Namespaces modes = model::namespaces_of(service);
  if (key.starts_with("net.")) {
    return modes.net.own() ? Status() : wrong("can be set only with a network of the service's own");
  }
  if (key.starts_with("fs.mqueue.") || std::ranges::find(kIpcSysctls, key) != kIpcSysctls.end()) {
    return modes.ipc.own() ? Status() : wrong("can be set only with an IPC namespace of the service's own");
  }
  if (key == "kernel.domainname") {
    return modes.uts.own() ? Status() : wrong("can be set only with a UTS namespace of the service's own");
  }
  return wrong("does not belong to the container: it would change the host");
}

Status check_capability_names(const model::Service& service, const std::string& key,
                              const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (is_all(name)) {
      continue;
    }
    if (const auto bit = capability_bit(name); !bit) {
      return blame(service, key, bit.error().code, bit.error().message);
    }
  }
  return {};
}

}  // namespace

std::vector<Step> path_guards(const std::vector<std::string>& extra_masked) {
  std::vector<Step> steps;
  for (const char* path : kReadOnlyPaths) {
    steps.emplace_back(step::ReadOnlyPath{path});
  }
  for (const char* path : kMaskedPaths) {
    steps.emplace_back(step::MaskPath{path});
  }
  for (const std::string& path : extra_masked) {
    steps.emplace_back(step::MaskPath{path});
  }
  return steps;
}

Result<std::vector<Step>> sysctl_steps(const model::Service& service) {
  std::map<std::string, std::string> values;
  if (model::namespace_mode(service.network_mode).own()) {
    values = {{"net.ipv4.ip_unprivileged_port_start", "0"}, {"net.ipv4.ping_group_range", "0 2147483647"}};
  }
  for (const auto& [key, value] : service.sysctls) {
    CMP_CHECK(check_sysctl(service, key, value));
    values[key] = value;
  }
  std::vector<Step> steps;
  for (const auto& [key, value] : values) {
    steps.emplace_back(step::WriteSysctl{key, value});
  }
  return steps;
}

Result<std::vector<Step>> limit_steps(const model::Service& service) {
  std::vector<Step> steps;
  for (const auto& [name, limit] : service.ulimits) {
    const auto it = std::ranges::find(kLimits, name, &NamedLimit::name);
    if (it == kLimits.end()) {
      return blame(service, "ulimits", Code::kInvalid, fmt::format("'{}' is no limit", name));
    }
    if (limit_value(limit.soft) > limit_value(limit.hard)) {
      return blame(service, "ulimits", Code::kInvalid,
                   fmt::format("'{}': the soft limit {} is above the hard one, {}", name, limit.soft, limit.hard));
    }
    steps.emplace_back(step::SetRlimit{it->resource, limit_value(limit.soft), limit_value(limit.hard)});
  }
  return steps;
}

Result<std::uint64_t> capability_mask(const model::Service& service, std::uint64_t available) {
  CMP_CHECK(check_capability_names(service, "cap_add", service.cap_add));
  CMP_CHECK(check_capability_names(service, "cap_drop", service.cap_drop));
  const auto mask = capabilities_for(
      {.add = service.cap_add, .drop = service.cap_drop, .privileged = service.privileged, .available = available});
  if (!mask) {
    return blame(service, "cap_add", mask.error().code, mask.error().message);
  }
  return *mask;
}

Result<Credentials> credentials_for(const model::Service& service, const Facts& facts) {
  CMP_TRY(const SecurityOptions options, security_options(service));
  CMP_TRY(const CapabilityMask mask, capability_mask(service, facts.available_capabilities));
  CMP_TRY(Labels labels, labels_for(service, options, facts));
  return Credentials{.user = service.user,
                     .group_add = service.group_add,
                     .bounding = mask,
                     .permitted_for_root = mask,
                     .no_new_privs = options.no_new_privs,
                     .seccomp = facts.seccomp,
                     .native_calls_only = !facts.seccomp.program.empty() && seccomp_profile(service, options).empty(),
                     .apparmor = std::move(labels.apparmor),
                     .selinux = std::move(labels.selinux)};
}

}  // namespace cmp::container
