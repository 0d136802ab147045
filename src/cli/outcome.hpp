#pragma once
// The end of a command that asked the supervisor for something.

#include "base/result.hpp"
#include "cli/operation.hpp"

namespace cmp::cli {

/// True of an `up` or `down` that found everything as it is to be.
[[nodiscard]] bool is_unchanged(const Outcome& outcome);

/// "Nothing to do: shop is as compose.yaml declares it", with its line end. `services` are the ones asked for, empty is
/// all; `files` are absolute, at least one.
[[nodiscard]] std::string unchanged_notice(const std::string& project, const std::vector<std::string>& services,
                                           const std::vector<std::string>& files);

/// The exit code of an operation: its errors, joined into one with others; 130 if it was interrupted; else 0.
[[nodiscard]] Result<int> conclude(Outcome outcome);

}  // namespace cmp::cli
