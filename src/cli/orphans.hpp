#pragma once
// Containers of services that the file does not declare: what the environment says of them.

#include <map>
#include <string>

#include "base/result.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::cli {

/// A variable that is true or false. kInvalid: it is neither.
[[nodiscard]] Result<bool> is_switched_on(const std::map<std::string, std::string>& environment, const char* name);

/// COMPOSE_REMOVE_ORPHANS is --remove-orphans; COMPOSE_IGNORE_ORPHANS is silence about them. kInvalid: both.
[[nodiscard]] Status decide_orphans(const std::map<std::string, std::string>& environment,
                                    supervisor::Request& request);

}  // namespace cmp::cli
