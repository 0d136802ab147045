#include "cli/diagnosis.hpp"

#include <algorithm>

#include <doctest/doctest.h>

namespace cmp::cli {

namespace {

/// A host that has everything.
HostFacts full_host() {
  return {.root = true,
          .capabilities = ~std::uint64_t{0},
          .namespaces = {"mnt", "net", "pid", "uts", "ipc", "cgroup", "user", "time"},
          .cgroup_problem = "",
          .cgroup_version = 2,
          .cgroup_hybrid = false,
          .controllers = {"cpu", "cpuset", "io", "memory", "pids"},
          .limits_swap = true,
          .cgroup_why = "v2 at /sys/fs/cgroup; v1 at /x",
          .device_rules_problem = "",
          .overlay = true,
          .state_dir = "/var/lib/cmp",
          .state_dir_problem = "",
          .seccomp = true,
          .bridge_problem = "",
          .filter_problem = "",
          .dropping_chains = {},
          .user_namespaces = true,
          .lxcfs = true,
          .systemd = true,
          .buildah = true,
          .transfer = true};
}

Finding finding_of(const HostFacts& facts, const std::string& subject) {
  const auto findings = diagnose(facts);
  const auto found =
      std::find_if(findings.begin(), findings.end(), [&](const Finding& each) { return each.subject == subject; });
  REQUIRE(found != findings.end());
  return *found;
}

}  // namespace

TEST_CASE("a host that has everything is good in every point") {
  for (const Finding& finding : diagnose(full_host())) {
    CAPTURE(finding.subject);
    CHECK(finding.grade == Grade::kGood);
    CHECK(finding.remedy.empty());
  }
  CHECK(can_run(diagnose(full_host())));
}

TEST_CASE("what is lacking is limited or missing, and each says what to do") {
  struct Case {
    const char* subject;
    Grade grade;
    void (*take_away)(HostFacts&);
    const char* found;
  };

  for (const Case& each : {
           Case{"privileges", Grade::kMissing, [](HostFacts& facts) { facts.root = false; }, "not root"},
           Case{"privileges", Grade::kLimited, [](HostFacts& facts) { facts.capabilities &= ~(1ULL << 27U); },
                "root without MKNOD"},
           Case{"namespaces", Grade::kMissing,
                [](HostFacts& facts) {
                  facts.namespaces = {"mnt", "pid", "uts", "ipc"};
                },
                "the kernel lacks net"},
           Case{"namespaces", Grade::kLimited, [](HostFacts& facts) { std::erase(facts.namespaces, "time"); },
                "mnt, net, pid, uts, ipc, cgroup, user"},
           Case{"control groups", Grade::kLimited,
                [](HostFacts& facts) {
                  facts.controllers = {"memory", "pids"};
                },
                "version 2: memory, pids"},
           Case{"swap limits", Grade::kLimited, [](HostFacts& facts) { facts.limits_swap = false; }, "no"},
           Case{"device rules", Grade::kLimited, [](HostFacts& facts) { facts.device_rules_problem = "EPERM"; },
                "EPERM"},
           Case{"overlay", Grade::kMissing, [](HostFacts& facts) { facts.overlay = false; }, "the kernel has none"},
           Case{"overlay", Grade::kMissing, [](HostFacts& facts) { facts.state_dir_problem = "'/x' is on NFS"; },
                "'/x' is on NFS"},
           Case{"seccomp", Grade::kMissing, [](HostFacts& facts) { facts.seccomp = false; }, "no"},
           Case{"bridges", Grade::kMissing, [](HostFacts& facts) { facts.bridge_problem = "no bridges"; },
                "no bridges"},
           Case{"nf_tables", Grade::kLimited, [](HostFacts& facts) { facts.filter_problem = "no such protocol"; },
                "no such protocol"},
           Case{"nf_tables", Grade::kLimited, [](HostFacts& facts) { facts.filter_problem.reset(); },
                "not tried: that needs root"},
           Case{"other firewalls", Grade::kLimited,
                [](HostFacts& facts) { facts.dropping_chains = {"ip filter FORWARD"}; },
                "ip filter FORWARD drop what they do not accept"},
           Case{"lxcfs", Grade::kLimited, [](HostFacts& facts) { facts.lxcfs = false; }, "no"},
           Case{"buildah", Grade::kLimited, [](HostFacts& facts) { facts.buildah = false; }, "no"},
       }) {
    HostFacts facts = full_host();
    each.take_away(facts);
    const Finding finding = finding_of(facts, each.subject);
    CAPTURE(each.subject);
    CAPTURE(each.found);
    CHECK(finding.grade == each.grade);
    CHECK(finding.found == each.found);
    CHECK_FALSE(finding.remedy.empty());
    CHECK(can_run(diagnose(facts)) == (each.grade != Grade::kMissing));
  }
}

TEST_CASE("a host without a writable control group says why in the words of who looked") {
  HostFacts facts = full_host();
  facts.cgroup_problem = "cgroups: no cgroup may be written: run as root";
  const Finding finding = finding_of(facts, "control groups");
  CHECK(finding.grade == Grade::kMissing);
  CHECK(finding.found == facts.cgroup_problem);
}

TEST_CASE("findings are paragraphs: grade, subject, what was found, each way on a line, what to do") {
  CHECK(render({{Grade::kLimited, "swap limits", "no", "one way; another", "do this"},
                {Grade::kGood, "x", "yes", "", ""}}) ==
        "limited  swap limits: no\n"
        "         one way\n"
        "         another\n"
        "         to do: do this\n"
        "good     x: yes\n");
}

}  // namespace cmp::cli
