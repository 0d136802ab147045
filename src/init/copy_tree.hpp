#pragma once

#include "base/result.hpp"

namespace cmp::init {

enum class Devices {
  kCopied,
  kLeftOut,  ///< they are /dev's matter
};

/// Copies what is in one directory into another, with owners, modes, times, capabilities and `user.` attributes, and
/// those of the directory itself. Links stay links; nothing is followed out of either directory; sockets are left out.
[[nodiscard]] Status copy_tree(int from, int to, Devices devices);

}  // namespace cmp::init
