#pragma once
// `init: true`: PID 1 that forwards signals to the service and reaps what others leave behind.

#include <sys/types.h>

#include <optional>

#include "base/result.hpp"

namespace cmp::init {

/// Makes two of the calling process. The child goes on as the service, the leader of a process group that is in the
/// foreground if standard input is a terminal, with every signal at its default: \returns
/// nothing. The caller is to be the reaper, with all signals blocked: \returns the service's pid. Done before system
/// calls are filtered: a profile may well forbid a process to make others.
[[nodiscard]] Result<std::optional<pid_t>> split_off_service();

/// Forwards every signal to the service and reaps; exits with the service's exit code once it has ended.
[[noreturn]] void reap_until_gone(pid_t service);

}  // namespace cmp::init
