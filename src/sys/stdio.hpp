#pragma once
// Descriptors by number: what a program that is about to be executed gets as 0, 1 and 2, and nothing else.

#include <sys/types.h>

#include <vector>

#include "base/result.hpp"

namespace cmp::sys {

/// Descriptors to be put in place; -1 leaves the number closed.
struct StdioPlan {
  int in = -1, out = -1, err = -1;
  int keep = -1;          ///< becomes 3, close-on-exec; -1 keeps nothing
  std::vector<int> more;  ///< become 4 and up, close-on-exec
};

/// Puts the plan's descriptors on 0, 1, 2 (open across exec) and 3, and closes every other one (close_range(2)).
[[nodiscard]] Status arrange_descriptors(const StdioPlan& plan);

/// Lets `uid` open /dev/stdout again: gives it the pipes, sockets, files and terminals on 0, 1 and 2, but no other
/// device (the host's /dev/null stays root's). What cannot change hands is left.
void give_stdio_to(uid_t uid);

/// Makes descriptor 0 the controlling terminal of this session, which must be its leader and have none (tty_ioctl(4)).
[[nodiscard]] Status take_terminal();

/// Every signal to its default action, none blocked (also what the caller ignored, which exec would pass on).
void reset_signals();

}  // namespace cmp::sys
