#pragma once
// Trees as text, for comparisons.

#include <string>

#include "compose/node.hpp"

namespace cmp::compose {

/// In one line: {a: 1, b: 'text', c: [x, null]}. Quoted scalars are shown in single quotes.
inline std::string tree_text(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kNull:
      return "null";
    case Node::Kind::kScalar:
      return node.style == ScalarStyle::kQuoted ? "'" + node.scalar + "'" : node.scalar;
    case Node::Kind::kSequence:
      for (const Node& item : node.items) {
        text += (text.empty() ? "" : ", ") + tree_text(item);
      }
      return "[" + text + "]";
    case Node::Kind::kMapping:
      for (const Entry& entry : node.entries) {
        text += (text.empty() ? "" : ", ") + entry.key + ": " + tree_text(entry.value);
      }
      return "{" + text + "}";
  }
  return text;
}

inline std::string place_text(const Origin& origin) {
  return std::to_string(origin.line) + ":" + std::to_string(origin.column);
}

/// The same, each key and value with its place in front, and the number of a value's merge tag.
inline std::string placed_text(const Node& node) {
  std::string text = place_text(node.origin) + "!" + std::to_string(static_cast<int>(node.tag)) + " ";
  if (node.is_scalar() || node.is_null()) {
    return text + tree_text(node);
  }
  for (const Node& item : node.items) {
    text += "[" + placed_text(item) + "]";
  }
  for (const Entry& entry : node.entries) {
    text += "{" + place_text(entry.key_origin) + " " + entry.key + ": " + placed_text(entry.value) + "}";
  }
  return text;
}

}  // namespace cmp::compose
