#pragma once
// Makes a path in a container what it is on this host: `watch`.

#include <string>

#include "base/result.hpp"

namespace cmp::engine {

/// `target`, below the container's root directory `root`, becomes what `source` is: a file (with its mode and time), a
/// link or a directory; it goes if `source` is not there. A file is replaced at once, never half written. What is new
/// belongs to whom the directory around it belongs. What is in a directory is not looked at.
[[nodiscard]] Status sync_path(const std::string& source, int root, const std::string& target);

}  // namespace cmp::engine
