#pragma once
// Rules → the program that seccomp(2) takes. The only user of libseccomp.

#include <string>

#include "base/result.hpp"
#include "seccomp/rules.hpp"

namespace cmp::seccomp {

/// A compiled profile.
struct Filter {
  std::string program;  ///< an array of sock_filter; empty is no filter
  unsigned flags = 0;   ///< SECCOMP_FILTER_FLAG_*
  friend bool operator==(const Filter&, const Filter&) = default;
};

/// Compiles for this machine. System calls newer than all that are known, and those of entries that the rules don't
/// open, give ENOSYS where the rules would refuse them otherwise: a C library then tries the older call. A name that
/// this machine has not got is left out. kInvalid: a flag that is none; kUnsupported: what libseccomp refuses.
[[nodiscard]] Result<Filter> compile(const Rules& rules);

/// "2.5.4": another one may compile differently.
[[nodiscard]] std::string compiler_version();

}  // namespace cmp::seccomp
