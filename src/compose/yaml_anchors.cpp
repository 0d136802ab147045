// Anchors, aliases and tags of YamlParser.

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "compose/scalar.hpp"
#include "compose/yaml_parser.hpp"

namespace cmp::compose {

namespace {

constexpr std::string_view kCoreTags = "tag:yaml.org,2002:";

/// Characters up to a blank, the line's end, or a sign of a flow collection.
std::string_view read_word(YamlCursor& cursor) {
  constexpr std::string_view kSigns = ",[]{}";
  const std::size_t begin = cursor.offset();
  while (!cursor.separated(0) && kSigns.find(cursor.peek()) == std::string_view::npos && !cursor.at_indicator(':')) {
    cursor.skip(1);
  }
  return cursor.since(begin);
}

std::string full_tag(std::string_view tag) {
  if (tag.starts_with("!!")) {
    return std::string(kCoreTags) + std::string(tag.substr(2));
  }
  if (tag.starts_with("!<") && tag.ends_with(">")) {
    return std::string(tag.substr(2, tag.size() - 3));
  }
  return std::string(tag);
}

bool is_null_text(const Node& node) {
  return node.is_scalar() && node.style == ScalarStyle::kPlain && plain_type(node.scalar) == ScalarType::kNull;
}

}  // namespace

bool YamlParser::properties(Properties& into) {
  const Origin origin = here();
  if (into.line == 0) {
    into.line = cursor_.line();
    into.column = cursor_.column();
  }
  const bool is_anchor = cursor_.peek() == '&';
  const std::string_view word = read_word(cursor_);
  std::string& slot = is_anchor ? into.anchor : into.tag;
  if (!slot.empty()) {
    return fail(origin, is_anchor ? "a second anchor for the same value" : "a second tag for the same value");
  }
  if (is_anchor && word.size() < 2) {
    return fail(origin, "an anchor needs a name");
  }
  slot = is_anchor ? std::string(word.substr(1)) : full_tag(word);
  return true;
}

bool YamlParser::begin_anchor(const Properties& properties) {
  if (!properties.anchor.empty()) {
    anchors_[properties.anchor] = {};
  }
  return true;
}

/// Gives a complete value its tag, and remembers it under its anchor.
bool YamlParser::apply(const Properties& properties, Node& node) {
  if (properties.line == 0) {
    return true;
  }
  const std::string& tag = properties.tag;
  const bool merging = tag == "!reset" || tag == "!override";
  if (merging) {
    node.tag = tag == "!reset" ? MergeTag::kReset : MergeTag::kOverride;
  }
  const bool to_text = tag == std::string(kCoreTags) + "str" || (!tag.empty() && tag.front() == '!' && !merging);
  if (node.is_scalar() && (to_text || (merging && !is_null_text(node)))) {
    node.style = ScalarStyle::kQuoted;
  }
  if (node.is_null() && to_text) {
    set_string(node, "");
  }
  if (properties.anchor.empty()) {
    return true;
  }
  Anchored& anchored = anchors_[properties.anchor];
  anchored.complete = true;
  anchored.node = node;
  return charge(node, node.origin, depth_);
}

bool YamlParser::alias(Node& out) {
  const Origin origin = here();
  const std::string_view word = read_word(cursor_);
  const auto it = anchors_.find(word.substr(1));
  if (it == anchors_.end()) {
    return fail(origin, fmt::format("'{}' refers to an anchor that is not defined before it", word));
  }
  if (!it->second.complete) {
    return fail(origin, fmt::format("alias cycle: '{}' is inside '&{}'", word, word.substr(1)));
  }
  if (!charge(it->second.node, origin, depth_)) {
    return false;
  }
  out = it->second.node;
  out.origin = origin;
  return true;
}

/// Counts what is copied, so that a few lines can't become gigabytes or a tree too deep to walk.
bool YamlParser::charge(const Node& node, const Origin& origin, int depth) {
  constexpr std::size_t kMaxCopiedNodes = 100'000;
  constexpr std::size_t kMaxCopiedBytes = 64U << 20U;
  constexpr int kMaxDepth = 150;
  copied_nodes_ += 1;
  copied_bytes_ += node.scalar.size();
  if (copied_nodes_ > kMaxCopiedNodes || copied_bytes_ > kMaxCopiedBytes || depth > kMaxDepth) {
    return fail(origin, "the aliases of this file expand to too much");
  }
  for (const Entry& entry : node.entries) {
    copied_bytes_ += entry.key.size();
    if (!charge(entry.value, origin, depth + 1)) {
      return false;
    }
  }
  return std::ranges::all_of(node.items, [&](const Node& item) { return charge(item, origin, depth + 1); });
}

}  // namespace cmp::compose
