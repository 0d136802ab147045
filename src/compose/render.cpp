#include "compose/phases.hpp"

namespace cmp::compose {

std::string render_yaml(const Node&) {
  return {};
}

std::string render_json(const Node&) {
  return "{}";
}

}  // namespace cmp::compose
