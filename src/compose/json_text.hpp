#pragma once

#include <string>

#include "compose/printable.hpp"

namespace cmp::compose {

enum class Layout { kIndented, kCompact };

/// The tree as JSON, keys in its order: two spaces a level, or without any white space. `<`, `>` and `&` are escaped,
/// as in Docker Compose. No newline at the end.
[[nodiscard]] std::string json_text(const View& tree, Layout layout);

}  // namespace cmp::compose
