#include "compose/phases.hpp"

namespace cmp::compose {

void set_defaults(Node&) {}

}  // namespace cmp::compose
