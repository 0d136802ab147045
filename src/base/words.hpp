#pragma once
// Text in words.

#include <string_view>
#include <vector>

namespace cmp {

/// What stands between blanks and ends of lines. The words are parts of `text`.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

}  // namespace cmp
