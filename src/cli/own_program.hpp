#pragma once
// This program as a process of its own, for the same project.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "sys/process.hpp"

namespace cmp::cli {

/// Starts `cmp GLOBAL-OPTIONS words…` with the caller's standard streams; it gets SIGTERM when the caller ends. The
/// global options are the caller's, of project `name`.
[[nodiscard]] Result<sys::Child> start_own_program(const Context& context, const std::string& name,
                                                   std::vector<std::string> words);

}  // namespace cmp::cli
