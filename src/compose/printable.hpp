#pragma once
// What of the canonical tree Docker Compose prints, and in which order (compose-cli.md 2.3): a view of the tree that
// the JSON and YAML writers take, and config hashes are made of. It copies no text: the tree must outlive it.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "compose/attributes.hpp"
#include "compose/node.hpp"

namespace cmp::compose {

enum class Output : std::uint8_t { kJson, kYaml };

struct ViewEntry;

/// One value to print. A scalar's text is typed as in a Node.
struct View {
  Node::Kind kind = Node::Kind::kNull;
  ScalarStyle style = ScalarStyle::kPlain;
  std::string_view text;
  const Node* node = nullptr;  ///< that this shows; none for what is only printed
  std::vector<View> items;
  std::vector<ViewEntry> entries;

  /// Removes `key`, if it is there.
  void erase(std::string_view key);
  /// The value under `key`; nullptr if there is none.
  [[nodiscard]] View* find(std::string_view key);
};

struct ViewEntry {
  std::string_view key;
  View value;
};

[[nodiscard]] View string_view_of(std::string_view text);

/// Everything in `node`, keys sorted.
[[nodiscard]] View view_all(const Node& node);

/// Makes views, and keeps the few texts that are in no tree: it must outlive them too.
class Printer {
 public:
  explicit Printer(Output output) : output_(output) {}

  /// The part of `node`, at the position `shape`, that is printed: keys in order, empty values left out, names sorted.
  [[nodiscard]] View view(const Node& node, const Shape& shape);

 private:
  View keys(const Node& node, const Shape& shape);
  View names(const Node& node, const Shape& shape, Form form);
  View ssh_keys(const Node& node);
  void add_given(View& mapping, const Node& given, const Shape::Key& key);
  void add_absent(View& mapping, const Shape::Key& key);
  [[nodiscard]] bool wanted(const View& printed, const Attribute& attribute) const;
  [[nodiscard]] View no_limit_given() const;

  Output output_;
  std::deque<std::string> texts_;
};

}  // namespace cmp::compose
