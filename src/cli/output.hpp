#pragma once
// Standard output and standard error of the command line.

#include <string_view>

#include "base/result.hpp"

namespace cmp::cli {

/// Results go to standard output. Fails if it cannot be written (a full disk); a reader that has gone is no error: then
/// the program ends at once (see leave_quietly_on_broken_pipe).
[[nodiscard]] Status print(std::string_view text);

/// Progress, warnings and errors go to standard error; nobody can be told if that fails.
void print_error(std::string_view text);

/// `cmp logs | head` ends quietly with 0. By a handler, not by ignoring the signal: that would be inherited by every
/// program the command starts.
void leave_quietly_on_broken_pipe();

}  // namespace cmp::cli
