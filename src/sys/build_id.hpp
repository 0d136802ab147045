#pragma once
// Which build of the program this is.

#include <string>

namespace cmp::sys {

/// The linker's id of this build (NT_GNU_BUILD_ID), in hex; "" if it was linked without one.
[[nodiscard]] const std::string& build_id();

}  // namespace cmp::sys
