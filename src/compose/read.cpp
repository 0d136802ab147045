// YAML text → trees. yaml-cpp's events are built into Nodes directly: its own node graph accepts duplicate keys
// silently, knows no merge keys and shares aliased nodes, all of which the phases behind must not see.

#include <algorithm>
#include <cstddef>
#include <istream>
#include <iterator>
#include <map>
#include <memory>
#include <streambuf>
#include <utility>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "compose/key_index.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"
#include "compose/text_check.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxFileBytes = 16U << 20U;
constexpr std::size_t kMaxScalarBytes = 1U << 20U;
constexpr std::size_t kMaxCopiedNodes = 100'000;
constexpr std::size_t kMaxCopiedBytes = 64U << 20U;
constexpr int kMaxDepth = 100;

/// Ends the parse from inside yaml-cpp's callbacks; never leaves this file.
struct Abort {
  Error error;
};

/// Reads from memory without copying, unlike std::istringstream.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast): only read
    setg(begin, begin, begin + text.size());
  }
};

struct Anchored {
  std::string name;
  bool complete = false;
  Node node;
  int depth = 0;
};

struct Frame {
  Node node;
  YAML::anchor_t anchor = 0;
  int depth = 1;         ///< of the tallest child, plus one
  bool has_key = false;  ///< a mapping that waits for a value
  bool is_merge_key = false;
  std::string key;
  Origin key_origin;
  std::vector<Node> merges;  ///< values of <<, in the order in which they win
  Origin merge_origin;
};

MergeTag merge_tag(const std::string& tag) {
  if (tag == "!reset") {
    return MergeTag::kReset;
  }
  return tag == "!override" ? MergeTag::kOverride : MergeTag::kNone;
}

/// yaml-cpp marks plain scalars with "?" and quoted or block scalars with "!"; an own tag hides which it was.
ScalarStyle style_of(const std::string& tag) {
  const bool core = tag.starts_with("tag:yaml.org,2002:") && tag != "tag:yaml.org,2002:str";
  return tag.empty() || tag == "?" || core ? ScalarStyle::kPlain : ScalarStyle::kQuoted;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const std::string& file) : file_(std::make_shared<const std::string>(file)) {}

  std::vector<Node> documents;
  std::vector<Error> errors;

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {
    anchors_.clear();
    stack_.clear();
  }

  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& /*mark*/, const std::string& name) override { anchor_name_ = name; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node;
    node.origin = at(mark);
    register_anchor(anchor);
    add(std::move(node), anchor, 1);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node;
    node.origin = at(mark);
    node.tag = merge_tag(tag);
    if (value.size() > kMaxScalarBytes) {
      abort(node.origin,
            fmt::format("a value of {} bytes is too long, the limit is {}", value.size(), kMaxScalarBytes));
    }
    const bool tagged_null = node.tag != MergeTag::kNone && plain_type(value) == ScalarType::kNull;
    if (!tagged_null) {
      node.kind = Node::Kind::kScalar;
      node.scalar = value;
      node.style = style_of(tag);
    }
    register_anchor(anchor);
    add(std::move(node), anchor, 1);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const Origin origin = at(mark);
    const auto it = anchors_.find(anchor);
    if (it == anchors_.end()) {
      abort(origin, "alias without an anchor");
    }
    if (!it->second.complete) {
      abort(origin, fmt::format("alias cycle: '*{0}' is inside '&{0}'", it->second.name));
    }
    charge(it->second.node, origin);
    Node copy = it->second.node;
    copy.origin = origin;
    add(std::move(copy), 0, it->second.depth);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kSequence, mark, tag, anchor);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value /*style*/) override {
    open(Node::Kind::kMapping, mark, tag, anchor);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapEnd() override {
    report_duplicates();
    apply_merges();
    close();
  }

 private:
  [[noreturn]] static void abort(const Origin& origin, std::string message) {
    throw Abort{make_error(Code::kInvalid, std::move(message)).at(origin.pos())};
  }

  Origin at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  void fail(const Origin& origin, std::string message) {
    errors.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
  }

  void register_anchor(YAML::anchor_t anchor) {
    if (anchor != 0) {
      anchors_[anchor].name = anchor_name_;
    }
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    Frame frame;
    frame.node.kind = kind;
    frame.node.origin = at(mark);
    frame.node.tag = merge_tag(tag);
    frame.anchor = anchor;
    register_anchor(anchor);
    if (stack_.size() >= kMaxDepth) {
      abort(frame.node.origin, fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    add(std::move(frame.node), frame.anchor, frame.depth);
  }

  /// A finished value goes to the collection that is open, or becomes the document. `depth` counts its levels.
  void add(Node node, YAML::anchor_t anchor, int depth) {
    if (anchor != 0) {
      Anchored& anchored = anchors_[anchor];
      charge(node, node.origin);
      anchored.node = node;
      anchored.depth = depth;
      anchored.complete = true;
    }
    if (stack_.empty()) {
      documents.push_back(std::move(node));
      return;
    }
    if (static_cast<int>(stack_.size()) + depth > kMaxDepth) {
      abort(node.origin, fmt::format("nested deeper than {} levels", kMaxDepth));
    }
    Frame& frame = stack_.back();
    frame.depth = std::max(frame.depth, depth + 1);
    if (frame.node.is_sequence()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      take_key(frame, std::move(node));
    } else {
      take_value(frame, std::move(node));
    }
  }

  void take_key(Frame& frame, Node key) {
    frame.has_key = true;
    frame.is_merge_key = key.is_scalar() && key.style == ScalarStyle::kPlain && key.scalar == "<<";
    frame.key_origin = key.origin;
    if (!key.is_scalar()) {
      fail(key.origin, "a key must be a string");
    } else if (key.style == ScalarStyle::kPlain && plain_type(key.scalar) != ScalarType::kString) {
      fail(key.origin, fmt::format("non-string key {}: '{}', put it in quotes", path(), key.scalar));
    }
    frame.key = std::move(key.scalar);
  }

  /// Where the open mapping is: "in services.web.environment".
  std::string path() const {
    std::string text;
    for (std::size_t i = 0; i + 1 < stack_.size(); ++i) {
      const std::string step = stack_[i].node.is_mapping() ? stack_[i].key : "[]";
      text += text.empty() ? step : "." + step;
    }
    return text.empty() ? "at the top level" : "in " + text;
  }

  void take_value(Frame& frame, Node value) {
    frame.has_key = false;
    if (frame.is_merge_key) {
      take_merge(frame, std::move(value));
      return;
    }
    frame.node.entries.push_back({std::move(frame.key), frame.key_origin, std::move(value)});
  }

  void take_merge(Frame& frame, Node value) {
    if (frame.merge_origin.line != 0) {
      fail(frame.key_origin, fmt::format("key '<<' is already defined at line {}", frame.merge_origin.line));
    }
    frame.merge_origin = frame.key_origin;
    if (value.is_mapping()) {
      frame.merges.push_back(std::move(value));
      return;
    }
    if (!value.is_sequence()) {
      fail(value.origin, "'<<' needs a mapping or a list of mappings");
      return;
    }
    for (Node& item : value.items) {
      if (item.is_mapping()) {
        frame.merges.push_back(std::move(item));
      } else {
        fail(item.origin, "'<<' needs a mapping or a list of mappings");
      }
    }
  }

  void report_duplicates() {
    const std::vector<Entry>& entries = stack_.back().node.entries;
    for (const auto& [first, later] : KeyIndex(entries).duplicates()) {
      fail(entries[later].key_origin,
           fmt::format("key '{}' is already defined at line {}", entries[later].key, entries[first].key_origin.line));
    }
  }

  /// A key of the mapping itself wins over a merged one, an earlier merged mapping over a later one.
  void apply_merges() {
    Frame& frame = stack_.back();
    for (Node& merged : frame.merges) {
      std::vector<Entry> missing;
      const KeyIndex own(frame.node.entries);
      for (Entry& entry : merged.entries) {
        if (own.find(entry.key) == KeyIndex::kNone) {
          missing.push_back(std::move(entry));
        }
      }
      frame.node.entries.insert(frame.node.entries.end(), std::make_move_iterator(missing.begin()),
                                std::make_move_iterator(missing.end()));
    }
  }

  /// Counts what an alias copies, so that a few lines can't become gigabytes.
  void charge(const Node& node, const Origin& origin) {
    copied_nodes_ += 1;
    copied_bytes_ += node.scalar.size();
    if (copied_nodes_ > kMaxCopiedNodes || copied_bytes_ > kMaxCopiedBytes) {
      abort(origin, "the aliases of this file expand to too much");
    }
    for (const Node& item : node.items) {
      charge(item, origin);
    }
    for (const Entry& entry : node.entries) {
      copied_bytes_ += entry.key.size();
      charge(entry.value, origin);
    }
  }

  std::shared_ptr<const std::string> file_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::string anchor_name_;
  std::vector<Frame> stack_;
  std::size_t copied_nodes_ = 0;
  std::size_t copied_bytes_ = 0;
};

/// yaml-cpp does not say which anchor it missed; the mark is on the alias.
std::string explain(const YAML::Exception& e, std::string_view text) {
  std::string message = "yaml: " + e.msg;
  if (e.msg.find("referenced anchor") != std::string::npos && e.mark.pos >= 0) {
    const std::string_view rest = text.substr(std::min(static_cast<std::size_t>(e.mark.pos), text.size()));
    message += fmt::format(": '{}'", rest.substr(0, rest.find_first_of(" \t\r\n,]}")));
  }
  return message;
}

Status parse(std::string_view text, const std::string& file, TreeBuilder& builder) {
  MemoryBuffer buffer(text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    return make_error(Code::kInvalid, explain(e, text)).at({file, e.mark.line + 1, e.mark.column + 1});
  } catch (Abort& e) {
    return std::move(e.error);
  }
  return {};
}

}  // namespace

Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) {
    return make_error(Code::kInvalid, fmt::format("{} bytes are too many, the limit is {}", text.size(), kMaxFileBytes))
        .at({file, 0, 0});
  }
  text = without_bom(text);
  CMP_CHECK(check_text(text, file));
  TreeBuilder builder(file);
  CMP_CHECK(parse(text, file, builder));
  if (!builder.errors.empty()) {
    Problems problems;
    problems.errors = std::move(builder.errors);
    return std::move(problems).combined();
  }
  return std::move(builder.documents);
}

}  // namespace cmp::compose
