#pragma once
// A promise to the kernel that this process changes nothing any more.

#include "base/result.hpp"

namespace cmp::seccomp {

/// From now on nothing is opened for writing, made, removed, renamed, mounted, signalled, executed or asked of another
/// process: such calls fail with EROFS. Netlink may be asked; changes by it fail, as CAP_NET_ADMIN is given up with
/// every capability but those for reading. What is open already can be written to. Cannot be undone.
[[nodiscard]] Status look_only();

}  // namespace cmp::seccomp
