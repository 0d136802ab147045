#pragma once
// What became of a program that exec_in_container has started.

#include <optional>

#include "base/result.hpp"
#include "engine/exec.hpp"

namespace cmp::engine {

struct ExecFailure {
  int exit_code = 125;  ///< 125 set-up, 126 cannot be executed, 127 not found
  Error error;
};

/// Waits until the program runs (nothing) or could not be started.
[[nodiscard]] std::optional<ExecFailure> wait_until_runs(const Running& running);

}  // namespace cmp::engine
