#pragma once
// Putting one tree on top of another (compose-spec.md 2.6, 2.7). phases.hpp has merge() for whole documents.

#include <string>
#include <vector>

#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// `over` on top of `base`, both lying at `path` ("services", "web"). Tags are taken for granted to be gone.
[[nodiscard]] Node merge_at(const std::vector<std::string>& path, Node base, Node over, Problems& problems);

/// Removes earlier entries of sequences whose later ones have the same key: the last wins, at the first's position, and
/// notes what it replaced if `explain`.
void drop_redefined(Node& tree, bool explain = false);

/// Notes at the first value in `over` that it replaces `base`.
void note_override(Node& over, const Node& base);

/// True if both trees hold the same values, wherever they were written; the order of keys does not matter.
[[nodiscard]] bool same_value(const Node& a, const Node& b);

}  // namespace cmp::compose
