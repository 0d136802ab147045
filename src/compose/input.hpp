#pragma once
// Reading the files that a user names.

#include <string>

#include "base/result.hpp"

namespace cmp::compose {

/// The text of a file. Of what is no file only the pipes of the shell (`-f <(command)`, /dev/stdin) and /dev/null are
/// read: a named pipe or a device could keep the command waiting, or never end.
[[nodiscard]] Result<std::string> read_input(const std::string& path);

}  // namespace cmp::compose
