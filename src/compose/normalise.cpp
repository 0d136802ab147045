#include "compose/phases.hpp"

namespace cmp::compose {

void normalise(Node&, const std::string&, const Variables&, Problems&) {}

}  // namespace cmp::compose
