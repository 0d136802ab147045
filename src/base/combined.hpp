#pragma once
// Several failures as one.

#include <vector>

#include "base/result.hpp"

namespace cmp {

/// Independent failures as one: the first, with the rest in `others`. Success if there are none.
[[nodiscard]] Status combined(std::vector<Error> errors);

}  // namespace cmp
