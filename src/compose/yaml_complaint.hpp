#pragma once
// What libyaml finds wrong, in words for the author of a compose file.

#include <cstddef>
#include <string>
#include <string_view>

namespace cmp::compose {

inline constexpr std::string_view kNotInList =
    "this fits not into the list before it: check its indentation, and the '- '";

/// What libyaml says of a text, with places as offsets.
struct YamlFault {
  std::string_view problem;
  std::string_view context;  ///< what it was about to read, "" if it says nothing of that
  std::size_t at = 0;        ///< of the problem
  std::size_t begin = 0;     ///< of what it was about to read
};

struct YamlComplaint {
  std::size_t at = 0;
  std::string words;
};

/// True if a list or mapping in brackets is still open at the end of the text or of a document.
[[nodiscard]] bool is_open_bracket(const YamlFault& fault, std::string_view text);

[[nodiscard]] YamlComplaint yaml_complaint(const YamlFault& fault, std::string_view text);

}  // namespace cmp::compose
