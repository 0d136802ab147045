#pragma once
// The end of a command that asked the supervisor for something.

#include "base/result.hpp"
#include "cli/operation.hpp"

namespace cmp::cli {

/// The exit code of an operation: its errors, joined into one with others; 130 if it was interrupted; else 0.
[[nodiscard]] Result<int> conclude(Outcome outcome);

}  // namespace cmp::cli
