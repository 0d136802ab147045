#pragma once
// Scalars to their canonical text, by the cast of the attribute table.

#include "compose/forms.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"
#include "compose/place.hpp"

namespace cmp::compose {

/// Casts a scalar in place: booleans and numbers become plain scalars, everything else a quoted string. A value that
/// can't be cast is a problem, put in the words of `expected`. Other nodes than scalars, and null, stay as they are.
void cast_scalar(Node& node, Cast cast, std::string_view expected, const Place& place, Problems& problems);

}  // namespace cmp::compose
