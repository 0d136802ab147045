#pragma once
// Which images containers are made from, over all projects of this machine.

#include <set>
#include <string>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "state/paths.hpp"

namespace cmp::cli {

/// Of every container, running or not, and of every project that is to be brought back.
[[nodiscard]] Result<std::set<image::Digest>> images_in_use(const state::Roots& roots);

}  // namespace cmp::cli
