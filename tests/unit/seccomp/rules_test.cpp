#include "seccomp/rules.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

namespace {

using namespace cmp::seccomp;

const std::vector<std::string> kDefaultCapabilities = {
    "CAP_CHOWN",      "CAP_DAC_OVERRIDE", "CAP_FOWNER",      "CAP_FSETID",  "CAP_KILL",
    "CAP_SETGID",     "CAP_SETUID",       "CAP_SETPCAP",     "CAP_NET_RAW", "CAP_NET_BIND_SERVICE",
    "CAP_SYS_CHROOT", "CAP_MKNOD",        "CAP_AUDIT_WRITE", "CAP_SETFCAP"};

Rules resolve_default(std::vector<std::string> more = {}, KernelVersion kernel = {6, 1},
                      const std::string& machine = "x86_64") {
  std::vector<std::string> capabilities = kDefaultCapabilities;
  capabilities.insert(capabilities.end(), more.begin(), more.end());
  const auto profile = parse_profile(default_profile());
  REQUIRE(profile);
  return resolve(*profile, {machine, kernel, capabilities}, Entries::kNativeOnly);
}

std::set<std::string> names(const Rules& rules) {
  std::set<std::string> names;
  for (const Rule& rule : rules.rules) {
    names.insert(rule.name);
  }
  return names;
}

std::vector<Rule> rules_for(const Rules& rules, const std::string& name) {
  std::vector<Rule> found;
  std::ranges::copy_if(rules.rules, std::back_inserter(found), [&](const Rule& rule) { return rule.name == name; });
  return found;
}

}  // namespace

TEST_CASE("the default capabilities allow 370 calls of the default profile on amd64") {
  const Rules rules = resolve_default();
  CHECK(names(rules).size() == 371);  // with clone3, which is said not to be there
  CHECK(rules.also.empty());
  CHECK(names(rules).contains("chroot"));
  for (const char* refused : {"mount", "bpf", "keyctl", "io_uring_setup", "userfaultfd", "setns", "init_module"}) {
    CHECK_MESSAGE(!names(rules).contains(refused), refused);
  }
}

TEST_CASE("clone is allowed without namespaces, and clone3 is not there") {
  const Rules rules = resolve_default();
  CHECK(rules_for(rules, "clone") ==
        std::vector<Rule>{{"clone", {Action::kAllow, 0}, {{0, Compare::kMaskedEq, 0x7E020000, 0}}}});
  CHECK(rules_for(rules, "clone3") == std::vector<Rule>{{"clone3", {Action::kErrno, 38}, {}}});
}

TEST_CASE("a capability in the bounding set opens its calls") {
  CHECK(names(resolve_default({"CAP_SYS_ADMIN"})).contains("mount"));
  CHECK(rules_for(resolve_default({"CAP_SYS_ADMIN"}), "clone3") ==
        std::vector<Rule>{{"clone3", {Action::kAllow, 0}, {}}});
  CHECK(names(resolve_default({"CAP_SYS_TIME"})).contains("clock_settime"));
  CHECK(names(resolve_default({"CAP_BPF"})).contains("bpf"));
}

TEST_CASE("ptrace needs the kernel that cannot be tricked with it (CVE-2019-2054)") {
  CHECK(names(resolve_default({}, {4, 8})).contains("ptrace"));
  CHECK(!names(resolve_default({}, {4, 7})).contains("ptrace"));
  CHECK(names(resolve_default({"CAP_SYS_PTRACE"}, {4, 7})).contains("ptrace"));
}

TEST_CASE("calls of one architecture are not those of another") {
  CHECK(names(resolve_default()).contains("arch_prctl"));
  CHECK(!names(resolve_default({}, {6, 1}, "aarch64")).contains("arch_prctl"));
  CHECK(names(resolve_default({}, {6, 1}, "aarch64")).contains("breakpoint"));
}

TEST_CASE("a rule that says what holds anyway is left out, one with another errno is not") {
  const auto profile = parse_profile(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [
    {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 1},
    {"names": ["rmdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]})");
  REQUIRE(profile);
  CHECK(names(resolve(*profile, {"x86_64", {6, 1}, {}}, Entries::kAsListed)) == std::set<std::string>{"rmdir"});
}

TEST_CASE("further entries are opened only where the profile's author asked for them") {
  const auto profile = parse_profile(default_profile());
  REQUIRE(profile);
  const Subject subject{"x86_64", {6, 1}, {}};
  CHECK(resolve(*profile, subject, Entries::kNativeOnly).also.empty());
  CHECK(resolve(*profile, subject, Entries::kAsListed).also ==
        std::vector<std::string>{"SCMP_ARCH_X86", "SCMP_ARCH_X32"});
}
