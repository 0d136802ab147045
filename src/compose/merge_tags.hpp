#pragma once
// `!reset` and `!override` (compose-spec.md 2.8): both name a place in the tree that was loaded so far, which is
// removed before the new value, if any, is merged.

#include <string>
#include <vector>

#include "compose/node.hpp"

namespace cmp::compose {

using KeyPath = std::vector<std::string>;

/// Takes the tags out of a document and returns their places. What is `!reset` leaves the document, in a sequence only
/// the item; below an `!override` nothing is looked at.
[[nodiscard]] std::vector<KeyPath> take_merge_tags(Node& document);

/// Removes the places from the tree.
void apply_merge_tags(Node& tree, const std::vector<KeyPath>& places);

/// The same for the part of a tree that lies at `services.NAME` or the like.
void apply_merge_tags_below(Node& part, const KeyPath& at, const std::vector<KeyPath>& places);

}  // namespace cmp::compose
