#pragma once
// Docker's profile format: which system calls a container may make, and what becomes of the others. Reading it is pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace cmp::seccomp {

/// What becomes of a system call, in the words of libseccomp (SCMP_ACT_*).
enum class Action { kAllow, kErrno, kKillThread, kKillProcess, kTrap, kTrace, kLog };

struct Verdict {
  Action action = Action::kErrno;
  std::uint16_t value = 0;  ///< kErrno: the errno; kTrace: the tracer's message
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

enum class Compare { kNe, kLt, kLe, kEq, kGe, kGt, kMaskedEq };

/// A condition on one argument. kMaskedEq: (argument & value) == value_two.
struct Condition {
  unsigned argument = 0;  ///< 0 to 5
  Compare op = Compare::kEq;
  std::uint64_t value = 0, value_two = 0;
  friend bool operator==(const Condition&, const Condition&) = default;
};

/// "4.8" as numbers; 0.0 is older than every kernel.
using KernelVersion = std::pair<unsigned, unsigned>;

/// For whom a group of rules is meant. Capabilities are those of the bounding set.
struct Scope {
  std::vector<std::string> architectures;  ///< in Go's words: "amd64"
  std::vector<std::string> capabilities;   ///< "CAP_SYS_ADMIN"
  KernelVersion min_kernel;
};

struct Group {
  std::vector<std::string> names;
  Verdict verdict;
  std::vector<Condition> conditions;  ///< all must hold
  Scope includes, excludes;           ///< all of the first, none of the second
};

struct Profile {
  Verdict otherwise;  ///< what is in no group
  /// libseccomp's names ("SCMP_ARCH_X86_64") with those of the same machine that run beside them.
  std::map<std::string, std::vector<std::string>> arch_map;
  std::vector<std::string> architectures;  ///< the older form: exactly these
  std::vector<std::string> flags;          ///< "SECCOMP_FILTER_FLAG_LOG"
  std::vector<Group> groups;
};

/// Reads a profile. kInvalid: "line 3: …" where it is no JSON, else "syscalls[2].action: …". An unknown key is ignored,
/// as Docker does; an unknown word is not: a box weaker than meant is worse than none.
[[nodiscard]] Result<Profile> parse_profile(std::string_view text);

/// The default profile of Docker, as embedded in this program.
[[nodiscard]] std::string_view default_profile();

}  // namespace cmp::seccomp
