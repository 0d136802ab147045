#pragma once
// What an image has at the place of a new volume becomes the volume's content.

#include <string>

#include "base/result.hpp"

namespace cmp::init {

/// Copies what is in `target`, a path inside `root` (a descriptor), into the directory `volume` of the host if that is
/// empty; owner and mode of the directory, too. One process at a time; a copy that was cut off by a kill is begun anew
/// (a file `volume`.filling beside it tells). Nothing happens where the volume has content or the root has no such
/// directory.
[[nodiscard]] Status fill_volume(int root, const std::string& target, const std::string& volume);

}  // namespace cmp::init
