#pragma once
// The guardian: one per running project, tiny. Parent of every container (clone with CLONE_PARENT) and of the
// supervisor. It reaps, keeps the supervisor alive, and holds its descriptors across a crash.
//
//   supervisor → guardian   "keep NAME" + fd     hold this descriptor
//                           "drop NAME"
//                           "seen PID"           the exit of PID is written down
//                           "quit"               the project is down: do not start me again, end yourself
//   guardian → supervisor   "exit PID STATUS"    a child has ended; sent again to the next supervisor until seen
//                           "held NAME" + fd     at the start: what an earlier supervisor had kept
//                           "ready"              end of that

#include "base/result.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

/// \param listener  the control socket
[[nodiscard]] Status run_guardian(const state::Paths& paths, int listener, int self_exe);

}  // namespace cmp::supervisor
