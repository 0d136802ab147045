#pragma once
// `cmp config --explain`: every value of the canonical tree with where it came from.

#include <string>

#include "compose/load.hpp"

namespace cmp::compose {

/// One line for each value that `config` prints, in its order: the path, the value, and behind `#` the file and line,
/// the default or the variable that it came from and what it replaced. Load with LoadOptions::explain. Paths of files
/// below `directory` are shown relative to it.
[[nodiscard]] std::string explain_text(const Loaded& loaded, const std::string& directory);

}  // namespace cmp::compose
