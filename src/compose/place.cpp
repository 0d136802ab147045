#include "compose/place.hpp"

#include <fmt/core.h>

namespace cmp::compose {

std::string Place::text() const {
  if (above == nullptr) {
    return "";
  }
  const std::string before = above->text();
  if (key.empty()) {
    return fmt::format("{}[{}]", before, index);
  }
  return before.empty() ? std::string(key) : fmt::format("{}.{}", before, key);
}

}  // namespace cmp::compose
