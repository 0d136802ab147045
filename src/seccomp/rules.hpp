#pragma once
// A profile for one container on one machine: the groups that are meant for it. Pure.

#include <string>
#include <vector>

#include "seccomp/profile.hpp"

namespace cmp::seccomp {

/// What a profile's conditions are held against.
struct Subject {
  std::string architecture;  ///< uname(2): "x86_64"
  KernelVersion kernel;
  std::vector<std::string> capabilities;  ///< of the bounding set: "CAP_SYS_ADMIN"
};

struct Rule {
  std::string name;
  Verdict verdict;
  std::vector<Condition> conditions;
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Rules {
  Verdict otherwise;
  std::vector<Rule> rules;  ///< in the profile's order; none whose verdict is `otherwise`
  /// Further entries into the kernel that are filtered too ("SCMP_ARCH_X86"): all others are refused.
  std::vector<std::string> also;
  std::vector<std::string> flags;
};

/// Which system call entries besides the machine's own a profile may open. Docker's default profile opens the 32-bit
/// one, through which socketcall(2) makes the sockets that socket(2) is refused (CVE-2026-112917): not here.
enum class Entries { kNativeOnly, kAsListed };

[[nodiscard]] Rules resolve(const Profile& profile, const Subject& subject, Entries entries);

/// The machine's name in profiles: "x86_64" is "amd64" in conditions, "SCMP_ARCH_X86_64" in maps. "" if unknown.
[[nodiscard]] std::string_view go_architecture(std::string_view machine);
[[nodiscard]] std::string_view libseccomp_architecture(std::string_view machine);

}  // namespace cmp::seccomp
