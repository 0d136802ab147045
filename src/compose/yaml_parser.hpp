#pragma once
// A parser for YAML 1.2 as compose files use it: block and flow collections, all kinds of scalars, anchors and
// aliases, tags, comments, several documents. It builds Nodes directly and knows Compose's rules: unique string keys,
// merge keys, a budget for aliases. It is our own because yaml-cpp 0.7 takes 50 ms for a thousand services, accepts
// unterminated quotes, and finds documents without end in some malformed texts.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "compose/node.hpp"
#include "compose/yaml_cursor.hpp"
#include "compose/yaml_scalars.hpp"

namespace cmp::compose {

class YamlParser {
 public:
  /// `text` has Unix line ends, no byte order mark, and no control characters.
  YamlParser(std::string_view text, const std::string& file)
      : cursor_(text), file_(std::make_shared<const std::string>(file)) {}

  /// One Node for each document, null for an empty one. On failure the syntax error, with errors about keys that were
  /// found before, or only those.
  [[nodiscard]] Result<std::vector<Node>> run();

 private:
  /// An anchor and a tag in front of a node.
  struct Properties {
    std::string anchor;
    std::string tag;
    int line = 0;  ///< 0 if there are none
    int column = 0;
  };

  struct Anchored {
    bool complete = false;
    Node node;
  };

  /// Where a node may stand.
  struct Place {
    int indent = -1;           ///< column of the collection around it
    bool compact = false;      ///< a block collection may begin on this line
    bool same_indent = false;  ///< a sequence may stand at `indent` itself: it is a mapping's value
  };

  bool stream();
  bool document();
  bool directive();

  bool node(Place place, Node& out);
  bool content(const Place& place, Properties outer, Properties inner, bool may_nest, Node& out);
  bool scalar_or_mapping(const Place& place, const Properties& outer, const Properties& inner, bool may_nest,
                         Node& out);
  bool block_sequence(int column, Node& out);
  bool block_mapping(int column, Node first_key, Node& out);
  bool next_key(int column, Node& key, bool& done);
  bool explicit_key(int column, Node& key);
  bool key_scalar(Node& key);
  bool block_scalar(const Place& place, Node& out);

  bool flow_node(Node& out);
  bool flow_sequence(Node& out);
  bool flow_mapping(Node& out);
  bool flow_entry(Node& key, Node& value, bool& has_value);
  bool flow_value(Node& value);
  bool flow_scalar(Node& out);

  bool properties(Properties& into);
  bool apply(const Properties& properties, Node& node);
  bool begin_anchor(const Properties& properties);
  bool alias(Node& out);
  bool charge(const Node& node, const Origin& origin, int depth);
  bool enter(const Origin& origin);
  bool end_of_line();
  bool no_tab();
  bool null_node(const Origin& origin, Node& out);
  bool quoted(Node& out);
  bool finish_scalar(Node& out, const Origin& origin, std::string text, ScalarStyle style);
  bool fail(const Origin& origin, std::string message);

  [[nodiscard]] Origin here() const { return {file_, cursor_.line(), cursor_.column() + 1}; }

  YamlCursor cursor_;
  std::shared_ptr<const std::string> file_;
  std::vector<Node> documents_;
  std::vector<Error> errors_;
  std::map<std::string, Anchored, std::less<>> anchors_;
  std::vector<std::string> path_;
  int depth_ = 0;
  std::size_t copied_nodes_ = 0;
  std::size_t copied_bytes_ = 0;
};

}  // namespace cmp::compose
