#pragma once
// The type that a plain scalar has by its text, and its value as Docker Compose prints it. YAML 1.2's core schema as
// Compose's YAML library reads it: `017`, `0o17`, `0x1f`, `0b1` and `1_000` are integers, `yes` and `22:22` are
// strings. A quoted scalar is always a string.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "compose/node.hpp"

namespace cmp::compose {

enum class ScalarType { kNull, kBool, kInteger, kFloat, kString };

/// The type of a scalar node; kString for anything that is not plain. Call only for scalars.
[[nodiscard]] ScalarType scalar_type(const Node& node);

/// The type of unquoted text.
[[nodiscard]] ScalarType plain_type(std::string_view text);

/// The value of text that plain_type() calls an integer; nothing if it does not fit in 64 bits.
[[nodiscard]] std::optional<std::int64_t> plain_integer(std::string_view text);

/// The value of text that plain_type() calls a float or an integer.
[[nodiscard]] double plain_number(std::string_view text);

/// Unquoted text by its value: numbers in their shortest form, booleans as true and false, null as "".
[[nodiscard]] std::string plain_text(std::string_view text);

/// The scalar as a string: numbers by value (`1.50` is "1.5", `0777` is "511"), booleans as true and false, null as "".
[[nodiscard]] std::string scalar_text(const Node& node);

/// A number in the shortest form that reads back the same, with an exponent below 1e-6 and from 1e21 on.
[[nodiscard]] std::string number_text(double value);
[[nodiscard]] std::string number_text(float value);

/// Makes the node a scalar with this text; its origin stays.
void set_string(Node& node, std::string text);
void set_plain(Node& node, std::string text);
[[nodiscard]] Node string_node(std::string text, const Origin& origin);
[[nodiscard]] Node plain_node(std::string text, const Origin& origin);

}  // namespace cmp::compose
