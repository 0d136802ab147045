#pragma once
// What the JSON documents of images are read with.

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace cmp::image {

/// The text at `key`; empty if the object has none there, or something else.
[[nodiscard]] std::string text_at(const nlohmann::json& object, const char* key);

}  // namespace cmp::image
