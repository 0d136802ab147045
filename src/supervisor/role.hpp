#pragma once
// The binary's other roles: cmp executes a sealed copy of itself with an argv[0] that says which one it is.
//
//   cli ── "cmp:[guardian shop]" ── "cmp:[supervisor shop]"
//
// Both get the listening control socket as descriptor 3 and the sealed copy as 4, the supervisor its end of the
// guardian's link as 5. A guardian that was the supervisor before gets the descriptors it is to hold as 5 and up; their
// names are in CMP_HELD, with commas between.

#include "base/result.hpp"
#include "state/paths.hpp"

namespace cmp::supervisor {

[[nodiscard]] bool is_role(int argc, char** argv);
/// Runs the role until it ends. \returns the exit code.
[[nodiscard]] int run_role(int argc, char** argv);

/// Starts the guardian of a project, which starts the supervisor. The caller holds the project's lock.
[[nodiscard]] Status start_guardian(const state::Paths& paths, int listener);

}  // namespace cmp::supervisor
