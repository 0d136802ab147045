#pragma once

#include <string>

#include "base/result.hpp"

namespace cmp::cli {

/// Asks on standard output, "? QUESTION (y/N) " on a terminal; one line from standard input answers. Its end is no.
[[nodiscard]] Result<bool> confirmed(const std::string& question);

}  // namespace cmp::cli
