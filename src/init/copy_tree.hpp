#pragma once

#include "base/result.hpp"

namespace cmp::init {

/// Copies what is in one directory into another, with owners and modes, and the mode of the directory itself. Links
/// stay links; nothing is followed out of either directory.
[[nodiscard]] Status copy_tree(int from, int to);

}  // namespace cmp::init
