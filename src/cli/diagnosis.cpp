#include "cli/diagnosis.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

/// What Docker gives a service, by number (linux/capability.h); those that a host in a container often lacks have a
/// name here.
struct Capability {
  int number;
  std::string_view name;
};

constexpr std::array kDefaultCapabilities = {
    Capability{0, "CHOWN"},        Capability{1, "DAC_OVERRIDE"}, Capability{3, "FOWNER"},
    Capability{4, "FSETID"},       Capability{5, "KILL"},         Capability{6, "SETGID"},
    Capability{7, "SETUID"},       Capability{8, "SETPCAP"},      Capability{10, "NET_BIND_SERVICE"},
    Capability{13, "NET_RAW"},     Capability{18, "SYS_CHROOT"},  Capability{27, "MKNOD"},
    Capability{29, "AUDIT_WRITE"}, Capability{31, "SETFCAP"},
};
constexpr int kSysResource = 24;

bool has_word(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Finding privileges(const HostFacts& facts) {
  Finding out{.subject = "privileges", .found = "root", .way = "services get what Docker gives them"};
  if (!facts.root) {
    return {Grade::kMissing, "privileges", "not root", "only commands that look, such as config, work",
            "run cmp as root (sudo cmp up)"};
  }
  std::vector<std::string> missing;
  for (const Capability& capability : kDefaultCapabilities) {
    if ((facts.capabilities >> capability.number & 1U) == 0) {
      missing.emplace_back(capability.name);
    }
  }
  if (!missing.empty()) {
    out.grade = Grade::kLimited;
    out.found = "root without " + join(missing);
    out.way = "services do without them, too";
    out.remedy = "start the container or machine that cmp runs in with these capabilities";
  } else if ((facts.capabilities >> kSysResource & 1U) == 0) {
    out.grade = Grade::kLimited;
    out.found = "root without SYS_RESOURCE";
    out.way = "ulimits above this machine's own and negative oom_score_adj are refused by the kernel";
  }
  return out;
}

Finding namespaces(const HostFacts& facts) {
  std::vector<std::string> missing;
  for (const std::string_view kind : {"mnt", "pid", "net", "uts", "ipc"}) {
    if (!has_word(facts.namespaces, kind)) {
      missing.emplace_back(kind);
    }
  }
  if (!missing.empty()) {
    return {Grade::kMissing, "namespaces", "the kernel lacks " + join(missing), "services cannot be told apart",
            "a kernel with these namespaces"};
  }
  Finding out{.subject = "namespaces", .found = join(facts.namespaces), .way = "each service has its own of each"};
  if (!has_word(facts.namespaces, "cgroup") || !has_word(facts.namespaces, "time")) {
    out.grade = Grade::kLimited;
    out.way = "services share the kinds that are missing with the host";
    out.remedy = "Linux 5.6 or later has all of them";
  }
  return out;
}

Finding control_groups(const HostFacts& facts) {
  if (!facts.cgroup_problem.empty()) {
    return {Grade::kMissing, "control groups", facts.cgroup_problem, "nothing can be started", ""};
  }
  Finding out{.subject = "control groups",
              .found = fmt::format("version {}{}: {}", facts.cgroup_version, facts.cgroup_hybrid ? ", hybrid" : "",
                                   join(facts.controllers)),
              .way = facts.cgroup_why};
  std::vector<std::string> missing;
  for (const std::string_view controller : {"cpu", "cpuset", "memory", "pids"}) {
    if (!has_word(facts.controllers, controller)) {
      missing.emplace_back(controller);
    }
  }
  if (!has_word(facts.controllers, "io") && !has_word(facts.controllers, "blkio")) {
    missing.emplace_back("io");
  }
  if (!missing.empty()) {
    out.grade = Grade::kLimited;
    out.remedy = fmt::format(
        "limits that need {} are refused before anything starts; a kernel, or a delegated group, "
        "with these controllers has them",
        join(missing));
  }
  return out;
}

Finding swap(const HostFacts& facts) {
  if (facts.limits_swap) {
    return {Grade::kGood, "swap limits", "yes", "memswap_limit bites", ""};
  }
  return {Grade::kLimited, "swap limits", "no", "memswap_limit is refused", "boot with swapaccount=1 (cgroup v1)"};
}

Finding devices(const HostFacts& facts) {
  if (facts.device_rules_problem.empty()) {
    return {Grade::kGood, "device rules", facts.cgroup_version == 2 ? "programs on cgroup v2" : "lists on cgroup v1",
            "services reach only the devices they are given", ""};
  }
  return {Grade::kLimited, "device rules", facts.device_rules_problem, "no service gets MKNOD",
          "mount the cgroup v1 controller devices, or run with CAP_BPF"};
}

Finding root_file_systems(const HostFacts& facts) {
  if (!facts.overlay) {
    return {Grade::kMissing, "overlay", "the kernel has none", "no root file system can be made",
            "modprobe overlay, or a kernel with CONFIG_OVERLAY_FS"};
  }
  if (!facts.state_dir_problem.empty()) {
    return {Grade::kMissing, "overlay", facts.state_dir_problem, "what a service writes cannot be kept there",
            "set CMP_STATE_DIR to a directory on ext4, xfs, btrfs or tmpfs"};
  }
  return {Grade::kGood, "overlay", fmt::format("yes, in {}", facts.state_dir),
          "a service's root file system is its image's layers and one of its own", ""};
}

Finding system_calls(const HostFacts& facts) {
  if (facts.seccomp) {
    return {Grade::kGood, "seccomp", "yes", "Docker's default filter, for this machine's own system calls only", ""};
  }
  return {Grade::kMissing, "seccomp", "no", "up refuses services that are not seccomp=unconfined",
          "a kernel with CONFIG_SECCOMP_FILTER"};
}

Finding security_modules(const HostFacts& facts) {
  Finding out{.subject = "security modules", .found = "none", .way = "services have no label"};
  if (facts.apparmor) {
    out.found = facts.apparmor_profile ? "AppArmor with docker-default" : "AppArmor without docker-default";
    out.way = facts.apparmor_profile ? "services are confined by docker-default"
                                     : "services have no label unless security_opt names one";
  } else if (facts.selinux) {
    out.found = "SELinux";
    out.way = "services have the label that security_opt names";
  }
  return out;
}

Finding untried(std::string subject) {
  return {Grade::kLimited, std::move(subject), "not tried: that needs root", "", "run cmp doctor as root"};
}

Finding bridges(const HostFacts& facts) {
  if (!facts.bridge_problem) {
    return untried("bridges");
  }
  if (facts.bridge_problem->empty()) {
    return {Grade::kGood, "bridges", "yes", "a bridge a network, a veth pair a membership", ""};
  }
  return {Grade::kMissing, "bridges", *facts.bridge_problem,
          "services have no networks; network_mode: host and none work", "modprobe bridge veth"};
}

Finding packet_filter(const HostFacts& facts) {
  if (!facts.filter_problem) {
    return untried("nf_tables");
  }
  if (!facts.filter_problem->empty()) {
    return {Grade::kLimited, "nf_tables", *facts.filter_problem,
            "published ports are served by the supervisor; services do not reach the outside",
            "a kernel with CONFIG_NF_TABLES and CONFIG_NFT_NAT (modprobe nf_tables)"};
  }
  return {Grade::kGood, "nf_tables", "yes", "a table a project: masquerading, published ports, balance", ""};
}

Finding other_filters(const HostFacts& facts) {
  if (facts.dropping_chains.empty()) {
    return {Grade::kGood, "other firewalls", "none that drops what is forwarded", "", ""};
  }
  return {Grade::kLimited, "other firewalls", join(facts.dropping_chains) + " drop what they do not accept",
          "they keep their say: what services send out may end there",
          "let packets from and to devices of group 0xc3000000 pass there"};
}

/// What services can do without.
Finding extra(bool there, std::string subject, std::string way, std::string without, std::string remedy) {
  return there ? Finding{Grade::kGood, std::move(subject), "yes", std::move(way), ""}
               : Finding{Grade::kLimited, std::move(subject), "no", std::move(without), std::move(remedy)};
}

}  // namespace

std::vector<Finding> diagnose(const HostFacts& facts) {
  return {
      privileges(facts),
      namespaces(facts),
      control_groups(facts),
      swap(facts),
      devices(facts),
      root_file_systems(facts),
      system_calls(facts),
      security_modules(facts),
      bridges(facts),
      packet_filter(facts),
      other_filters(facts),
      extra(facts.user_namespaces, "user namespaces", "x-owner can map owners, bundles can map ids",
            "owners cannot be mapped", "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone"),
      extra(facts.lxcfs, "lxcfs", "x-lxcfs: true shows a service its own limits in /proc",
            "x-lxcfs: true has no effect, and up says so", "apt install lxcfs"),
      extra(facts.systemd, "systemd", "projects can come back after a reboot",
            "projects do not come back by themselves", "boot with systemd, or call cmp from your own init"),
      extra(facts.transfer, "cmp-transfer", "images are pulled, loaded, saved", "no image can be fetched",
            "install all of cmp: cmp-transfer belongs beside it, or in libexec/cmp"),
      extra(facts.buildah, "buildah", "build: works", "build: does not work", "apt install buildah"),
  };
}

std::string grade_word(Grade grade) {
  return grade == Grade::kGood ? "good" : grade == Grade::kLimited ? "limited" : "missing";
}

std::string render(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += fmt::format("{:<8} {}: {}\n", grade_word(finding.grade), finding.subject, finding.found);
    for (std::string_view way = finding.way; !way.empty();) {
      const std::size_t end = std::min(way.find("; "), way.size());
      out += fmt::format("{:<8} {}\n", "", way.substr(0, end));
      way.remove_prefix(std::min(end + 2, way.size()));
    }
    if (!finding.remedy.empty()) {
      out += fmt::format("{:<8} to do: {}\n", "", finding.remedy);
    }
  }
  return out;
}

bool can_run(const std::vector<Finding>& findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.grade == Grade::kMissing; });
}

}  // namespace cmp::cli
