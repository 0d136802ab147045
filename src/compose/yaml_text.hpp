#pragma once

#include <string>
#include <string_view>

#include "compose/printable.hpp"

namespace cmp::compose {

/// The tree as YAML, keys in its order: two spaces a level, lists indented below their key, strings plain where they
/// read back as strings, else quoted, with several lines as a block. Ends with a newline.
[[nodiscard]] std::string yaml_text(const View& tree);

/// A string as a YAML scalar on one line, or as a block scalar whose lines are indented by `indent` spaces.
[[nodiscard]] std::string yaml_string(std::string_view text, std::size_t indent);

}  // namespace cmp::compose
