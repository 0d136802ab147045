#pragma once
// The guardian: one per running project, tiny. Parent of every container (clone with CLONE_PARENT) and of the
// supervisor. It reaps, keeps the supervisor alive, and holds its descriptors across a crash.
//
//   supervisor → guardian   "ask"                what do you know?
//                           "hold NAME" + fd     keep this descriptor (a terminal's controller, a published socket)
//                           "drop NAME"
//                           "seen PID"           the exit of PID is written down
//                           "replace" + fd       I end now: go on as this program, and start me from it
//                           "quit"               the project is down: do not start me again, end yourself
//   guardian → supervisor   "exit PID STATUS"    a child has ended; told again to whoever asks until it is seen
//                           "held NAME" + fd     in answer to "ask": what an earlier supervisor wanted held
//                           "all"                end of that answer

#include <map>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

/// \param listener  the control socket
/// \param held      what this process held before it became this guardian
/// \param unseen    exits that no supervisor had written down then: wait status by pid
[[nodiscard]] Status run_guardian(const state::Paths& paths, int listener, int self_exe,
                                  std::map<std::string, UniqueFd> held, std::map<int, int> unseen);

}  // namespace cmp::supervisor
