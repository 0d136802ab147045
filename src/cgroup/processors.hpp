#pragma once
// Lists of processors as cpuset(7) writes them.

#include <optional>
#include <set>
#include <string_view>

namespace cmp::cgroup {

/// "0-2,4" to {0, 1, 2, 4}; nothing if it is no such list or names a number of 8192 or more.
[[nodiscard]] std::optional<std::set<int>> parse_processors(std::string_view text);

}  // namespace cmp::cgroup
