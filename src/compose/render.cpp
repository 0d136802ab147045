#include "compose/phases.hpp"

namespace cmp::compose {

std::string render_yaml(const Node&, Printing) {
  return {};
}

std::string render_json(const Node&, Printing) {
  return "{}";
}

}  // namespace cmp::compose
