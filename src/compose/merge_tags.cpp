#include "compose/merge_tags.hpp"

#include <algorithm>
#include <cstddef>

namespace cmp::compose {

namespace {

void clear_tags(Node& node) {
  node.tag = MergeTag::kNone;
  for (Node& item : node.items) {
    clear_tags(item);
  }
  for (Entry& entry : node.entries) {
    clear_tags(entry.value);
  }
}

bool is_reset(const Node& node) {
  return node.tag == MergeTag::kReset;
}

/// Most values: neither they nor anything below them has a tag.
bool is_plain_value(const Node& node) {
  return node.tag == MergeTag::kNone && node.items.empty() && node.entries.empty();
}

void take(Node& node, KeyPath& path, std::vector<KeyPath>& places) {
  if (node.tag == MergeTag::kOverride) {
    places.push_back(path);
    clear_tags(node);
    return;
  }
  std::erase_if(node.items, is_reset);
  for (Node& item : node.items) {
    if (is_plain_value(item)) {
      continue;
    }
    path.emplace_back("[]");  // no key of any mapping: items are never removed from the earlier tree
    take(item, path, places);
    path.pop_back();
  }
  for (Entry& entry : node.entries) {
    if (is_plain_value(entry.value)) {
      continue;
    }
    path.push_back(entry.key);
    if (is_reset(entry.value)) {
      places.push_back(path);
    } else {
      take(entry.value, path, places);
    }
    path.pop_back();
  }
  std::erase_if(node.entries, [](const Entry& entry) { return is_reset(entry.value); });
}

void remove(Node& tree, const KeyPath& place, std::size_t from) {
  Node* at = &tree;
  for (std::size_t i = from; i + 1 < place.size() && at != nullptr; ++i) {
    at = at->find(place[i]);
  }
  if (at != nullptr) {
    at->erase(place.back());
  }
}

}  // namespace

std::vector<KeyPath> take_merge_tags(Node& document) {
  std::vector<KeyPath> places;
  KeyPath path;
  take(document, path, places);
  return places;
}

void apply_merge_tags(Node& tree, const std::vector<KeyPath>& places) {
  apply_merge_tags_below(tree, {}, places);
}

void apply_merge_tags_below(Node& part, const KeyPath& at, const std::vector<KeyPath>& places) {
  for (const KeyPath& place : places) {
    if (place.size() > at.size() && std::equal(at.begin(), at.end(), place.begin())) {
      remove(part, place, at.size());
    }
  }
}

}  // namespace cmp::compose
