#pragma once
// Events of a YAML parser become trees, by Compose's rules: unique string keys, merge keys applied, aliases copied
// within a budget, nesting within a limit. Knows no parser.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "compose/mapping_builder.hpp"
#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// The parser's number of an anchor; 0 is none.
using AnchorId = std::size_t;

/// Functions that return false have added the error that ends the reading.
class TreeBuilder {
 public:
  /// With `explain`, values note what they stand instead of.
  explicit TreeBuilder(bool explain = false) : explain_(explain) {}

  ~TreeBuilder() = default;
  TreeBuilder(const TreeBuilder&) = delete;
  TreeBuilder& operator=(const TreeBuilder&) = delete;

  void begin_document();

  /// The node that comes next has this anchor.
  void name_anchor(std::string name) { anchor_name_ = std::move(name); }

  /// A scalar; a plain one whose text means null becomes a null, unless it is a key.
  [[nodiscard]] bool scalar(Node node, AnchorId anchor);
  [[nodiscard]] bool alias(const Origin& origin, AnchorId anchor);
  /// `start` has the kind, the tag and the place of a sequence or mapping.
  [[nodiscard]] bool open(Node start, AnchorId anchor);
  [[nodiscard]] bool close();
  /// Adds an error; false.
  bool fail(const Origin& origin, std::string message);
  /// An error that does not end the reading.
  void note(const Origin& origin, std::string message);
  /// The same as fail() for what the parser found wrong: errors behind it were its consequences and go.
  void fail_syntax(const Origin& origin, std::string message);

  /// The sequence or mapping that is open, nullptr if none is: only its kind, tag and place.
  [[nodiscard]] const Node* innermost() const { return stack_.empty() ? nullptr : &stack_.back().node; }

  /// The key whose value comes next, nullptr if none does.
  [[nodiscard]] const Node* pending_key() const;

  /// One Node for each document, null for an empty one, and in `problems` what was left out of them; or all errors, if
  /// one has ended the reading.
  [[nodiscard]] Result<std::vector<Node>> finish(Problems& problems) &&;

 private:
  struct Anchored {
    std::string name;
    bool complete = false;
    Node node;
  };

  struct Frame {
    Node node;
    AnchorId anchor = 0;
    std::optional<MappingBuilder> entries;  ///< of a mapping
    std::optional<Node> key;                ///< waits for its value
  };

  void begin_anchor(AnchorId anchor);
  bool add(Node node, AnchorId anchor);
  bool charge(const Node& node, const Origin& origin, std::size_t depth, std::size_t most);

  std::vector<Node> documents_;
  std::vector<Error> errors_;
  bool explain_;
  bool ended_ = false;
  std::vector<std::string> path_;
  std::vector<Frame> stack_;
  std::map<AnchorId, Anchored> anchors_;
  std::string anchor_name_;
  std::size_t nodes_ = 0;
  std::size_t anchored_nodes_ = 0;
  std::size_t copied_nodes_ = 0;
  std::size_t copied_bytes_ = 0;
};

}  // namespace cmp::compose
