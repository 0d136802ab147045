#include "seccomp/profile.hpp"

#include <algorithm>
#include <set>

#include <doctest/doctest.h>

#include "base/sha256.hpp"

namespace {

using namespace cmp::seccomp;

std::string error_of(std::string_view text) {
  const auto profile = parse_profile(text);
  return profile ? "" : profile.error().message;
}

}  // namespace

TEST_CASE("the embedded profile is Docker's, byte for byte, and can be read") {
  CHECK(cmp::sha256_hex(default_profile()) == "536529b665dd0972c37bfb569f5d4ac8a53592e7b00752bc39ff063ca9864c74");
  const auto profile = parse_profile(default_profile());
  REQUIRE(profile);
  CHECK(profile->otherwise == Verdict{Action::kErrno, 1});
  CHECK(profile->groups.size() == 33);
  CHECK(profile->groups.front().names.size() == 361);
  CHECK(profile->arch_map.at("SCMP_ARCH_X86_64") == std::vector<std::string>{"SCMP_ARCH_X86", "SCMP_ARCH_X32"});
  std::set<std::string> names;
  for (const Group& group : profile->groups) {
    names.insert(group.names.begin(), group.names.end());
  }
  CHECK(names.size() == 426);
}

TEST_CASE("a profile in the older form names one call a rule, and its architectures") {
  const auto profile = parse_profile(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
    "syscalls": [{"name": "mkdir", "action": "SCMP_ACT_ERRNO", "args": null}]})");
  REQUIRE(profile);
  CHECK(profile->architectures == std::vector<std::string>{"SCMP_ARCH_X86_64"});
  CHECK(profile->groups.at(0).names == std::vector<std::string>{"mkdir"});
  CHECK(profile->groups.at(0).verdict == Verdict{Action::kErrno, 1});
}

TEST_CASE("conditions, errnos, kernels and flags are read") {
  const auto profile = parse_profile(R"({"defaultAction": "SCMP_ACT_KILL_PROCESS", "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "syscalls": [{"names": ["socket", "bind"], "action": "SCMP_ACT_ERRNO", "errnoRet": 97,
      "args": [{"index": 1, "op": "SCMP_CMP_MASKED_EQ", "value": 15, "valueTwo": 3}],
      "includes": {"minKernel": "5.10", "caps": ["CAP_BPF"]}, "excludes": {"arches": ["arm"]}}]})");
  REQUIRE(profile);
  const Group& group = profile->groups.at(0);
  CHECK(profile->otherwise == Verdict{Action::kKillProcess, 0});
  CHECK(profile->flags == std::vector<std::string>{"SECCOMP_FILTER_FLAG_LOG"});
  CHECK(group.verdict == Verdict{Action::kErrno, 97});
  CHECK(group.conditions == std::vector<Condition>{{1, Compare::kMaskedEq, 15, 3}});
  CHECK(group.includes.min_kernel == KernelVersion{5, 10});
  CHECK(group.includes.capabilities == std::vector<std::string>{"CAP_BPF"});
  CHECK(group.excludes.architectures == std::vector<std::string>{"arm"});
}

TEST_CASE("what is no profile is refused with its place") {
  CHECK(error_of("") == "line 1: not JSON");
  CHECK(error_of("{\n\"defaultAction\": \"SCMP_ACT_ALLOW\",\n oops }") == "line 3: not JSON");
  CHECK(error_of("[]") == "a profile is a JSON mapping");
  CHECK(error_of("{}") == "defaultAction: is missing");
  CHECK(error_of(R"({"defaultAction": "ALLOW"})") == "defaultAction: 'ALLOW' is no action");
  const auto in_group = [](const std::string& group) {
    return error_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [)" + group + "]}");
  };
  CHECK(in_group("7") == "syscalls[0]: must be a mapping");
  CHECK(in_group(R"({"action": "SCMP_ACT_ALLOW"})") == "syscalls[0]: has neither 'names' nor 'name'");
  CHECK(in_group(R"({"name": "a", "names": ["b"], "action": "SCMP_ACT_ALLOW"})") ==
        "syscalls[0]: has both 'names' and 'name'");
  CHECK(in_group(R"({"names": "mkdir", "action": "SCMP_ACT_ALLOW"})") == "syscalls[0].names: must be a list");
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_X"})") == "syscalls[0].action: 'SCMP_ACT_X' is no action");
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_NOTIFY"})").find("needs an agent") != std::string::npos);
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_ERRNO", "errnoRet": 70000})") ==
        "syscalls[0].errnoRet: 70000 is no errno");
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]})") ==
        "syscalls[0].args[0].index: 6 is no argument: 0 to 5");
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "op": "=="}]})") ==
        "syscalls[0].args[0].op: '==' is no comparison");
  CHECK(in_group(R"({"names": ["a"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4"}})") ==
        "syscalls[0].includes.minKernel: '4' is no kernel version");
  CHECK(error_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["A"], "archMap": []})") ==
        "archMap: a profile has it or 'architectures', not both");
}
