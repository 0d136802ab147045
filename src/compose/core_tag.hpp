#pragma once
// `!!int` and its like: what YAML's core schema says of a scalar itself.

#include <string_view>

#include "base/result.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

/// Gives a scalar the type that its tag asks for, as Compose's YAML library does: `!!str` and the program's own tags
/// make it a string, `!!binary` the text that it encodes; the others want a text that is one (`!!float` takes an
/// integer, too) and take it without its quotes. Does nothing without a tag (yaml-cpp's "?" and "!").
[[nodiscard]] Status apply_core_tag(Node& node, std::string_view tag);

}  // namespace cmp::compose
