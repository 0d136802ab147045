#pragma once
// Two checkouts of one project have one name unless somebody says otherwise.

#include "cli/context.hpp"

namespace cmp::cli {

/// kConflict: a project of this name runs from another directory, whose compose file is still there, and nobody has
/// given this one the name on purpose (-p, COMPOSE_PROJECT_NAME).
[[nodiscard]] Status check_other_copy(const Context& context, const state::Paths& paths, const compose::Loaded& loaded);

}  // namespace cmp::cli
