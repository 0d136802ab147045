#pragma once
// Where a field of a service is written, by its path in Compose's words.

#include <string>
#include <string_view>

#include "compose/node.hpp"

namespace cmp::compose {

/// "environment.LOG_LEVEL", "mem_limit": of the deepest part of the path that is there; limits are looked for under
/// deploy.resources, too. Without any of it, where the service is written; not known if there is no such service.
[[nodiscard]] SourcePos place_of_field(const Node& tree, std::string_view service, std::string_view path);

}  // namespace cmp::compose
