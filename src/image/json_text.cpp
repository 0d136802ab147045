#include "image/json_text.hpp"

#include <nlohmann/json.hpp>

namespace cmp::image {

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

}  // namespace cmp::image
