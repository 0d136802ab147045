#pragma once
// What an image has at the place of a new volume becomes the volume's content.

#include <string>

#include "base/result.hpp"

namespace cmp::init {

/// Copies what is in the directory `from` into the directory `volume` if that is empty; owner and mode of the
/// directory, too. One process at a time; a copy that was cut off by a kill is begun anew (the file `mark` on the host
/// tells). Nothing happens where the volume has content.
[[nodiscard]] Status fill_volume(int from, int volume, const std::string& mark);

}  // namespace cmp::init
