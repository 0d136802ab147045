#pragma once
// The scalars of YAML 1.2, each read from where the cursor stands. Errors are messages without a place: the caller
// knows where the scalar began.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "compose/yaml_cursor.hpp"

namespace cmp::compose {

enum class YamlContext { kBlock, kFlow };

/// '…' or "…", over several lines if need be.
[[nodiscard]] Result<std::string> read_quoted(YamlCursor& cursor);

/// `|` or `>` with its header. `indent` is the column of the collection that it stands in.
[[nodiscard]] Result<std::string> read_block_scalar(YamlCursor& cursor, int indent);

/// The part of a plain scalar that stands on this line, without blanks behind it.
[[nodiscard]] std::string_view read_plain_line(YamlCursor& cursor, YamlContext context);

/// Appends the lines that go on a plain scalar: in a block those that are indented deeper than `indent`.
void read_plain_rest(YamlCursor& cursor, YamlContext context, int indent, std::string& text);

}  // namespace cmp::compose
