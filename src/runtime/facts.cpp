#include "runtime/facts.hpp"

#include <sys/resource.h>
#include <sys/utsname.h>

#include <charconv>

#include <fmt/core.h>

#include "cgroup/directory.hpp"
#include "seccomp/filter.hpp"
#include "seccomp/profile.hpp"
#include "seccomp/rules.hpp"
#include "sys/file.hpp"
#include "sys/lsm.hpp"
#include "sys/privilege.hpp"
#include "sys/scheduling.hpp"

namespace cmp::runtime {

namespace {

/// All that the kernel knows: root of a user namespace has them over what the namespace owns.
std::uint64_t every_capability() {
  const std::string text = sys::read_file("/proc/sys/kernel/cap_last_cap").value_or("40");
  unsigned last = 40;
  std::from_chars(text.data(), text.data() + text.size(), last);
  return (std::uint64_t{2} << last) - 1;
}

Result<container::SeccompFilter> compile_filter(const std::string& profile) {
  CMP_TRY(const seccomp::Profile parsed, seccomp::parse_profile(profile));
  utsname machine{};
  ::uname(&machine);
  const seccomp::Subject subject{.architecture = machine.machine, .kernel = {}, .capabilities = {}};
  CMP_TRY(seccomp::Filter filter, seccomp::compile(seccomp::resolve(parsed, subject, seccomp::Entries::kAsListed)));
  return container::SeccompFilter{std::move(filter.program), filter.flags};
}

Status check_module(sys::LabelledBy module, const std::string& label, std::string_view property) {
  return label.empty() || sys::lsm_active(module)
             ? Status()
             : make_error(Code::kUnsupported, fmt::format("{}: the module is not active on this host", property));
}

Status limit_resources(const oci::Process& process, pid_t pid) {
  for (const oci::Rlimit& limit : process.rlimits) {
    const rlimit64 wanted{.rlim_cur = limit.soft, .rlim_max = limit.hard};
    if (::prlimit64(pid, static_cast<__rlimit_resource>(limit.resource), &wanted, nullptr) != 0) {
      const int err = errno;
      Error error = sys_error(fmt::format("process.rlimits: set {} to {}:{}", limit.type, limit.soft, limit.hard), err);
      error.message += err == EPERM ? " (raising it needs CAP_SYS_RESOURCE)" : "";
      return error;
    }
  }
  return {};
}

}  // namespace

oci::Facts gather_facts(const oci::Config& config, const cgroup::Layout& layout, const oci::Record& record) {
  oci::Facts facts;
  facts.bundle = record.bundle;
  facts.rootfs = record.rootfs;
  facts.cgroup_v2 = layout.version == cgroup::Version::kV2;
  for (const cgroup::Hierarchy& hierarchy : layout.hierarchies) {
    facts.cgroup_own.push_back(cgroup::path_of(hierarchy, {record.cgroup}));
    facts.cgroup_mounts.push_back(hierarchy.mount_point);
  }
  facts.available_capabilities =
      config.find_namespace("user") != nullptr ? every_capability() : sys::bounding_capabilities();
  facts.has_kcore = sys::exists("/proc/kcore");
  return facts;
}

Status limit_process(const oci::Process& process, pid_t pid) {
  CMP_CHECK(limit_resources(process, pid));
  if (process.scheduler) {
    const oci::Scheduler& wanted = *process.scheduler;
    CMP_CHECK(sys::set_scheduler(pid, {.policy = wanted.policy,
                                       .flags = wanted.flags,
                                       .nice = wanted.nice,
                                       .priority = wanted.priority,
                                       .runtime = wanted.runtime,
                                       .deadline = wanted.deadline,
                                       .period = wanted.period})
                  .context("process.scheduler"));
  }
  if (process.io_priority) {
    CMP_CHECK(sys::set_io_priority(pid, *process.io_priority).context("process.ioPriority"));
  }
  if (!process.oom_score_adj) {
    return {};
  }
  return sys::write_kernel_file(fmt::format("/proc/{}/oom_score_adj", pid), fmt::format("{}", *process.oom_score_adj))
      .context("process.oomScoreAdj");
}

Status confine(container::Credentials& credentials, const oci::Config& config, const oci::Process& process) {
  if (!config.linux_part.seccomp.empty()) {
    CMP_TRY(credentials.seccomp, compile_filter(config.linux_part.seccomp).context("linux.seccomp"));
  }
  CMP_CHECK(check_module(sys::LabelledBy::kAppArmor, process.apparmor_profile, "process.apparmorProfile"));
  CMP_CHECK(check_module(sys::LabelledBy::kSelinux, process.selinux_label, "process.selinuxLabel"));
  CMP_CHECK(check_module(sys::LabelledBy::kSelinux, config.linux_part.mount_label, "linux.mountLabel"));
  credentials.apparmor = process.apparmor_profile;
  credentials.selinux = process.selinux_label;
  return {};
}

Status write_pid_file(const std::string& path, pid_t pid) {
  return path.empty() ? Status() : sys::write_file_atomically(path, fmt::format("{}", pid), 0644).context("pid file");
}

}  // namespace cmp::runtime
