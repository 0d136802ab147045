#pragma once
// Text in words.

#include <string_view>
#include <vector>

namespace cmp {

/// What stands between blanks and ends of lines. The words are parts of `text`.
[[nodiscard]] std::vector<std::string_view> words_of(std::string_view text);

/// Takes what stands before the first `separator` off `rest`, and the separator; all of it where there is none.
std::string_view cut(std::string_view& rest, char separator);

}  // namespace cmp
