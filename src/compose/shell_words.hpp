#pragma once
// command: and entrypoint: given as one string (compose-spec.md section 3).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cmp::compose {

/// Splits a line into words the way a shell does: quotes and backslashes work, `$` and backticks are left alone. An
/// unquoted `;`, `&`, `|`, `<` or `>` ends the command, as in Docker Compose. Nothing if a quote or a bracket does not
/// match.
[[nodiscard]] std::optional<std::vector<std::string>> split_shell_words(std::string_view line);

}  // namespace cmp::compose
