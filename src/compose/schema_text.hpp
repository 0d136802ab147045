#pragma once
// What the schema check decides about single values and keys, and how it says so.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/attributes.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

/// The parts of "a|b|c"; none of "".
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view words);

/// True for what may name a service, a network and so on: [a-zA-Z0-9._-]+.
[[nodiscard]] bool is_name(std::string_view text);

/// What is wrong with a scalar of the right kind: its choices, bounds and pattern. "must be one of ..., but is 'x'".
[[nodiscard]] std::optional<std::string> wrong_scalar(const Node& node, const Attribute& attribute);

/// "services.web.image must be a string, but is a list".
[[nodiscard]] std::string wrong_kind(const Node& node, const std::string& place, Kinds allowed, std::string_view words);

/// The key that was probably meant by one that `shape` does not know; "" if none is near.
[[nodiscard]] std::string_view meant_key(const std::string& key, const Shape& shape);

/// "services.web: additional properties 'imge' not allowed, did you mean 'image'?"
[[nodiscard]] std::string unknown_key_text(const std::string& key, const Shape& shape, const std::string& place);

/// kinds_text() for the few sets that the forms use, without building it anew for each value.
[[nodiscard]] std::string_view kinds_words(Kinds kinds);

}  // namespace cmp::compose
