#include "seccomp/rules.hpp"

#include <algorithm>
#include <array>

namespace cmp::seccomp {

namespace {

struct Machine {
  std::string_view name, go, libseccomp;
};

constexpr std::array kMachines = {Machine{"x86_64", "amd64", "SCMP_ARCH_X86_64"},
                                  Machine{"aarch64", "arm64", "SCMP_ARCH_AARCH64"},
                                  Machine{"i686", "x86", "SCMP_ARCH_X86"},
                                  Machine{"armv7l", "arm", "SCMP_ARCH_ARM"},
                                  Machine{"armv6l", "arm", "SCMP_ARCH_ARM"},
                                  Machine{"ppc64le", "ppc64le", "SCMP_ARCH_PPC64LE"},
                                  Machine{"riscv64", "riscv64", "SCMP_ARCH_RISCV64"},
                                  Machine{"s390x", "s390x", "SCMP_ARCH_S390X"},
                                  Machine{"mips64", "mips64", "SCMP_ARCH_MIPS64"},
                                  Machine{"loongarch64", "loong64", "SCMP_ARCH_LOONGARCH64"}};

bool contains(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_set(const KernelVersion& version) {
  return version != KernelVersion();
}

/// One match is enough to be left out.
bool excluded(const Scope& scope, const Subject& subject) {
  return contains(scope.architectures, go_architecture(subject.architecture)) ||
         std::ranges::any_of(scope.capabilities,
                             [&](const std::string& name) { return contains(subject.capabilities, name); }) ||
         (is_set(scope.min_kernel) && subject.kernel >= scope.min_kernel);
}

/// Everything that is named must match; of architectures, one.
bool included(const Scope& scope, const Subject& subject) {
  return (scope.architectures.empty() || contains(scope.architectures, go_architecture(subject.architecture))) &&
         std::ranges::all_of(scope.capabilities,
                             [&](const std::string& name) { return contains(subject.capabilities, name); }) &&
         (!is_set(scope.min_kernel) || subject.kernel >= scope.min_kernel);
}

std::vector<std::string> other_entries(const Profile& profile, std::string_view native) {
  std::vector<std::string> others = profile.architectures;
  if (const auto it = profile.arch_map.find(std::string(native)); it != profile.arch_map.end()) {
    others.insert(others.end(), it->second.begin(), it->second.end());
  }
  std::erase(others, native);
  return others;
}

}  // namespace

std::string_view go_architecture(std::string_view machine) {
  const auto* const it = std::ranges::find(kMachines, machine, &Machine::name);
  return it == kMachines.end() ? std::string_view() : it->go;
}

std::string_view libseccomp_architecture(std::string_view machine) {
  const auto* const it = std::ranges::find(kMachines, machine, &Machine::name);
  return it == kMachines.end() ? std::string_view() : it->libseccomp;
}

Rules resolve(const Profile& profile, const Subject& subject, Entries entries) {
  Rules rules{.otherwise = profile.otherwise, .flags = profile.flags};
  if (entries == Entries::kAsListed) {
    rules.also = other_entries(profile, libseccomp_architecture(subject.architecture));
  }
  for (const Group& group : profile.groups) {
    if (excluded(group.excludes, subject) || !included(group.includes, subject) || group.verdict == profile.otherwise) {
      continue;
    }
    for (const std::string& name : group.names) {
      rules.rules.push_back({name, group.verdict, group.conditions});
    }
  }
  return rules;
}

}  // namespace cmp::seccomp
