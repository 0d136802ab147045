#pragma once
// What of the canonical tree Docker Compose prints, and in which order (compose-cli.md 2.3): the tree that the JSON and
// YAML writers take, and config hashes are made of.

#include "compose/attributes.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

enum class Output { kJson, kYaml };

/// The part of `node`, at the position `shape`, that is printed: keys in order, empty values left out, names sorted.
[[nodiscard]] Node printable(const Node& node, const Shape& shape, Output output);

/// Everything in `node`, keys sorted.
[[nodiscard]] Node sorted_copy(const Node& node);

}  // namespace cmp::compose
