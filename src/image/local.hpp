#pragma once
// What an image on disk is like, to notice without reading it that it is another one than the store has.

#include <string>

#include "image/reference.hpp"

namespace cmp::image {

/// Size and time of its file, of a layout those of its index.json; "" if there is none.
[[nodiscard]] std::string local_origin(const Reference& reference);

}  // namespace cmp::image
