#pragma once
// What the running kernel could still load.

#include <string_view>

namespace cmp::sys {

/// True if modules.dep of the running kernel knows the module (modprobe(8)); the kernel loads it when it is first asked
/// for the file system. False on a kernel without modules.
[[nodiscard]] bool can_load_module(std::string_view name);

}  // namespace cmp::sys
