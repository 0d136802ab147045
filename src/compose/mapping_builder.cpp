#include "compose/mapping_builder.hpp"

#include <iterator>
#include <utility>

#include <fmt/core.h>

#include "compose/key_index.hpp"
#include "compose/merge.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kUsualEntries = 3;  // so that most mappings are never moved

std::string place(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& step : path) {
    text += text.empty() ? step : "." + step;
  }
  return text.empty() ? "at the top level" : "in " + text;
}

}  // namespace

/// False.
bool MappingBuilder::fail(const Origin& origin, std::string message) {
  errors_.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
  node_.health = Health::kIncomplete;
  return false;
}

void MappingBuilder::add(Node key, Node value) {
  if (key.is_scalar() && key.style == ScalarStyle::kPlain && key.scalar == "<<") {
    add_merge(key.origin, std::move(value));
    return;
  }
  if (check_key(key)) {
    if (node_.entries.empty()) {
      node_.entries.reserve(kUsualEntries);
    }
    node_.entries.push_back({std::move(key.scalar), std::move(key.origin), std::move(value)});
  }
}

bool MappingBuilder::check_key(const Node& key) {
  if (!key.is_scalar()) {
    return fail(key.origin, "a key must be a string");
  }
  if (key.style == ScalarStyle::kPlain && plain_type(key.scalar) != ScalarType::kString) {
    return fail(key.origin, fmt::format("non-string key {}: '{}', put it in quotes", place(path_), key.scalar));
  }
  return true;
}

void MappingBuilder::add_merge(const Origin& origin, Node value) {
  if (merge_origin_.line != 0) {
    fail(origin, fmt::format("key '<<' is already defined at line {}", merge_origin_.line));
  }
  merge_origin_ = origin;
  std::vector<Node> candidates;
  if (value.is_sequence()) {
    candidates = std::move(value.items);
  } else {
    candidates.push_back(std::move(value));
  }
  for (Node& candidate : candidates) {
    if (candidate.is_mapping()) {
      merges_.push_back(std::move(candidate));
    } else {
      fail(candidate.origin, "'<<' needs a mapping or a list of mappings");
    }
  }
}

/// The first of several is kept.
void MappingBuilder::drop_duplicates() {
  const auto duplicates = KeyIndex(node_.entries).duplicates();
  for (const auto& [first, later] : duplicates) {
    Entry& entry = node_.entries[later];
    fail(entry.key_origin,
         fmt::format("key '{}' is already defined at line {}", entry.key, node_.entries[first].key_origin.line));
    entry.value.health = Health::kWrong;
  }
  if (!duplicates.empty()) {
    std::erase_if(node_.entries, [](const Entry& entry) { return entry.value.health == Health::kWrong; });
  }
}

/// A key of the mapping itself wins over a merged one, an earlier merged mapping over a later one.
void MappingBuilder::apply_merges() {
  for (Node& merged : merges_) {
    std::vector<Entry> missing;
    const KeyIndex own(node_.entries);
    for (Entry& entry : merged.entries) {
      const std::size_t known = own.find(entry.key);
      if (known == KeyIndex::kNone) {
        missing.push_back(std::move(entry));
      } else if (explain_) {
        note_override(node_.entries[known].value, entry.value);
      }
    }
    node_.entries.insert(node_.entries.end(), std::make_move_iterator(missing.begin()),
                         std::make_move_iterator(missing.end()));
  }
}

Node MappingBuilder::finish() {
  node_.kind = Node::Kind::kMapping;
  if (node_.entries.size() > 1) {
    drop_duplicates();
  }
  apply_merges();
  return std::move(node_);
}

}  // namespace cmp::compose
