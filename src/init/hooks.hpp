#pragma once
// Running the hooks of a bundle: in the runtime's own namespaces and, as a step of a launch, in the container's.

#include <sys/types.h>

#include "base/result.hpp"
#include "container/bundle_steps.hpp"

namespace cmp::init {

/// Runs them in order and waits for each. The first that cannot be executed, does not exit with 0 or takes longer than
/// it may (then it is killed) is the error; those after it are not run.
/// \param pid  of the container, as the hooks see it
[[nodiscard]] Status run_hooks(const container::step::RunHooks& hooks, pid_t pid);

/// One of them.
[[nodiscard]] Status run_hook(const container::step::RunHooks& hooks, const container::Hook& hook, pid_t pid);

}  // namespace cmp::init
