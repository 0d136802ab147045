#pragma once
// Base64 of RFC 4648, both ways.

#include <optional>
#include <string>
#include <string_view>

namespace cmp {

[[nodiscard]] std::string to_base64(std::string_view data);

/// With its padding; line ends in it don't count. Nothing if it is no base64.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

}  // namespace cmp
