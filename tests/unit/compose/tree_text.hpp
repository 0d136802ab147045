#pragma once
// A tree in one line, for comparisons: {a: 1, b: 'text', c: [x, null]}. Quoted scalars are shown in single quotes.

#include <string>

#include "compose/node.hpp"

namespace cmp::compose {

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

}  // namespace cmp::compose
