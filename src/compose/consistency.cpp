#include "compose/phases.hpp"

namespace cmp::compose {

void check_consistency(const Node&, Problems&) {}

}  // namespace cmp::compose
