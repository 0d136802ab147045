#pragma once
// Bytes that are no text are refused before any parser sees them.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::compose {

/// Fails at the first byte sequence that is not UTF-8 (RFC 3629: shortest form, no surrogates) and at control
/// characters other than tab, line feed and carriage return (YAML 1.2, 5.1). The error has the place, for `file`.
[[nodiscard]] Status check_text(std::string_view text, const std::string& file);

/// The same without the control characters: only a NUL byte is refused.
[[nodiscard]] Status check_utf8(std::string_view text, const std::string& file);

/// The text behind a leading byte order mark.
[[nodiscard]] std::string_view without_bom(std::string_view text);

}  // namespace cmp::compose
