#include "compose/phases.hpp"

namespace cmp::compose {

Result<model::Project> bind(const Node&, const std::string& project, Problems&) {
  model::Project bound;
  bound.name = project;
  return bound;
}

}  // namespace cmp::compose
