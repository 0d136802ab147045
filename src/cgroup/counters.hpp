#pragma once
// Reading the kernel's counter files.

#include <cstdint>
#include <optional>
#include <string_view>

namespace cmp::cgroup {

/// The number in a file: after `key ` at the start of a line ("oom_kill 3"), or, with an empty key, at its very start.
/// Nothing if there is none ("max").
[[nodiscard]] std::optional<std::uint64_t> value_in(std::string_view text, std::string_view key);

}  // namespace cmp::cgroup
