#pragma once
// What yaml-cpp finds wrong, in words for the author of a compose file.

#include <string>
#include <string_view>

namespace cmp::compose {

/// `complaint` is yaml-cpp's message, `rest` the text from the place that it names on.
[[nodiscard]] std::string yaml_complaint(std::string_view complaint, std::string_view rest);

}  // namespace cmp::compose
