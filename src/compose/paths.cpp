#include "compose/phases.hpp"

namespace cmp::compose {

void resolve_paths(Node&, const std::string&, const std::string&, Problems&) {}

}  // namespace cmp::compose
