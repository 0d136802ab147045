#pragma once
// `init: true`: a first process that starts the service as its child, forwards signals to it, reaps every orphan, and
// ends as the service ended.

#include "base/result.hpp"

namespace cmp::init {

/// Splits the calling process: returns in the child, the leader of a new session, which is to become the service. The
/// parent never returns; it exits with the child's exit code, or 128 + the signal that killed it. Every signal must be
/// at its default action.
[[nodiscard]] Status become_reaper();

}  // namespace cmp::init
