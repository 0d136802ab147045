// YAML text → trees. yaml-cpp parses; its events are built into Nodes directly, for its own node graph accepts
// duplicate keys, knows no merge keys and shares aliased nodes. What it accepts although it is no YAML is noticed here.

#include <algorithm>
#include <array>
#include <cstddef>
#include <istream>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "base/nearest.hpp"
#include "compose/core_tag.hpp"
#include "compose/phases.hpp"
#include "compose/short_source.hpp"
#include "compose/text_check.hpp"
#include "compose/tree_builder.hpp"
#include "compose/yaml_complaint.hpp"
#include "compose/yaml_source.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20U;  // yaml-cpp takes up to 250 bytes of memory for one
constexpr std::string_view kNotTold = "the parser must see the words here";  // nobody reads it: it then does
constexpr std::string_view kOpenQuote = "the quoted text that begins here has no end";

/// Ends the parse from inside yaml-cpp's callbacks, when the builder has the error; never leaves this file.
struct Stop {};

void require(bool done) {
  if (!done) {
    throw Stop();
  }
}

MergeTag merge_tag(const std::string& tag) {
  if (tag == "!reset") {
    return MergeTag::kReset;
  }
  return tag == "!override" ? MergeTag::kOverride : MergeTag::kNone;
}

/// What to say of a tag that is neither YAML's ("!!str", and "?" and "!" for none) nor Compose's: most are slips.
std::optional<std::string> unknown_tag(const std::string& tag) {
  constexpr std::array<std::string_view, 2> kTags{"!reset", "!override"};
  if (tag.size() < 2 || tag.front() != '!' || std::ranges::find(kTags, tag) != kTags.end()) {
    return std::nullopt;
  }
  const std::string_view meant = nearest(tag, kTags);
  return meant.empty() ? fmt::format("the tag '{}' has no meaning here and is ignored", tag)
                       : fmt::format("the tag '{}' has no meaning here and is ignored, did you mean '{}'?", tag, meant);
}

class Handler : public YAML::EventHandler {
 public:
  /// The parser reads `source`, or the text of `shortened`, which is made of it.
  Handler(const std::string& file, std::string_view source, ShortSource* shortened, bool explain)
      : file_(std::make_shared<const Source>(Source{file, {}})),
        source_(source),
        shortened_(shortened),
        builder_(explain) {}

  void OnDocumentStart(const YAML::Mark& parsed) override {
    const YAML::Mark mark = in_source(parsed);
    const std::size_t begin = std::min(offset(mark), source_.size());
    const std::string_view start = source_.substr(begin);
    const bool marked = mark.column == 0 && (start.starts_with("---") || start.starts_with("..."));
    const std::string_view fault =
        marked ? "" : bare_document_fault(source_.substr(last_, begin - std::min(last_, begin)), first_);
    require(fault.empty() || builder_.fail(at(mark), std::string(fault)));
    first_ = false;
    empty_ = start.starts_with("...");
    builder_.begin_document();
  }

  void OnDocumentEnd() override {}

  void OnAnchor(const YAML::Mark& /*mark*/, const std::string& name) override { builder_.name_anchor(name); }

  void OnNull(const YAML::Mark& parsed, YAML::anchor_t anchor) override {
    if (empty_) {
      return;  // no document, only the end of one
    }
    const YAML::Mark mark = in_source(parsed);
    Node node = plain(mark);
    node.scalar = null_word(source_, offset(mark));
    const bool absent = anchor == 0 && node.scalar.empty();
    const Node* key = builder_.pending_key();
    // The offset tells: at the end of a text without a last line end, the parser's column is that of the key.
    if (absent && key != nullptr && !open_.back().in_flow && key->origin.pos() == node.origin.pos() &&
        key->origin.pos() == at(offset(mark)).pos()) {
      require(builder_.fail(node.origin, "expected ':' behind this key"));
    }
    if (absent && key != nullptr) {
      node.origin = key->origin;
    } else if (absent && builder_.innermost() != nullptr && character(mark) == ',') {
      require(builder_.fail(at(mark), "unexpected ','"));
    }
    require(builder_.scalar(std::move(node), anchor));
  }

  void OnScalar(const YAML::Mark& parsed, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const YAML::Mark mark = in_source(parsed);
    require_indented(mark);
    Node node = plain(mark);
    const std::size_t begin = behind_properties(source_, offset(mark));
    std::optional<std::string> text = text_of(value, begin);
    require((text && !ShortSource::has_words(tag)) || builder_.fail(node.origin, std::string(kNotTold)));
    node.scalar = unmasked(std::move(*text));
    node.tag = known_tag(tag, node.origin);
    node.style = style_of(tag, node, mark);
    if (const Status applied = apply_core_tag(node, tag); !applied) {
      builder_.note(node.origin, applied.error().message);
      node.health = Health::kWrong;
    }
    if (value.find('\0') != std::string::npos) {
      require(builder_.fail(node.origin, "an escape names U+0000, which is no character"));
    }
    if (value.empty() && begin + 1 == source_.size() && (source_[begin] == '"' || source_[begin] == '\'')) {
      require(builder_.fail(node.origin, std::string(kOpenQuote)));
    }
    require(builder_.scalar(std::move(node), anchor));
  }

  void OnAlias(const YAML::Mark& parsed, YAML::anchor_t anchor) override {
    const YAML::Mark mark = in_source(parsed);
    require_indented(mark);
    require(builder_.alias(at(mark), anchor));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    open(Node::Kind::kSequence, in_source(mark), tag, anchor, style);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    open(Node::Kind::kMapping, in_source(mark), tag, anchor, style);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapEnd() override { close(); }

  void refuse(const YAML::Exception& e) {
    const std::size_t where = std::min(offset(e.mark), source_.size());
    const std::string_view rest = source_.substr(where);
    const Node* open = builder_.innermost();
    const bool in_flow = e.msg == YAML::ErrorMsg::END_OF_SEQ_FLOW || e.msg == YAML::ErrorMsg::END_OF_MAP_FLOW;
    const bool in_quotes = e.msg == YAML::ErrorMsg::EOF_IN_SCALAR || e.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
    const std::size_t tab = tab_in_indentation(source_, where);
    const std::size_t quote = in_quotes ? find_open_quote(source_, last_) : std::string_view::npos;
    if (in_flow && open != nullptr && (rest.empty() || rest.starts_with("..."))) {
      builder_.fail_syntax(open->origin, fmt::format("the {} that begins here has no end", name_of(*open)));
    } else if (quote != std::string_view::npos) {
      builder_.fail_syntax(at(quote), std::string(kOpenQuote));
    } else if (e.msg == YAML::ErrorMsg::MAP_VALUE && tab != std::string_view::npos) {
      builder_.fail_syntax(at(tab), yaml_complaint(YAML::ErrorMsg::TAB_IN_INDENTATION, rest));
    } else {
      builder_.fail_syntax(at(e.mark), yaml_complaint(e.msg, rest));
    }
  }

  Result<std::vector<Node>> finish(Problems& problems) && {
    problems.warnings.insert(problems.warnings.end(), warnings_.begin(), warnings_.end());
    return std::move(builder_).finish(problems);
  }

 private:
  /// A sequence or mapping that is not complete.
  struct Collection {
    bool in_flow = false;
    int column = 0;  ///< from 1; very large if unknown, for an anchor or a tag stands before
  };

  MergeTag known_tag(const std::string& tag, const Origin& origin) {
    if (std::optional<std::string> unknown = unknown_tag(tag)) {
      warnings_.push_back({origin.pos(), *std::move(unknown)});
    }
    return merge_tag(tag);
  }

  /// The place in the source of a place in what the parser reads.
  YAML::Mark in_source(YAML::Mark mark) {
    if (shortened_ != nullptr) {
      const std::size_t place = shortened_->source_offset(offset(mark));
      mark.pos = static_cast<int>(place);
      mark.column =
          static_cast<int>(place - std::min(place, shortened_->line_begin(static_cast<std::size_t>(mark.line))));
    }
    return mark;
  }

  /// A scalar as the source has it, whose text or head of a block scalar begins at `begin`. Nothing if its words can't
  /// be told from those of a comment.
  std::optional<std::string> text_of(const std::string& value, std::size_t begin) {
    if (shortened_ == nullptr) {
      return value;
    }
    const char first = begin < source_.size() ? source_[begin] : '\0';
    if (first == '#') {
      return {};
    }
    return shortened_->whole(value, first == '|' || first == '>' ? source_.find('\n', begin) : begin);
  }

  Origin at(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

  Origin at(std::size_t offset) const {
    const std::string_view before = source_.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;
    return {file_, static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(offset - line_start) + 1};
  }

  static std::string_view name_of(const Node& collection) { return collection.is_sequence() ? "list" : "mapping"; }

  static std::size_t offset(const YAML::Mark& mark) { return static_cast<std::size_t>(std::max(mark.pos, 0)); }

  char character(const YAML::Mark& mark) const { return offset(mark) < source_.size() ? source_[offset(mark)] : '\0'; }

  Node plain(const YAML::Mark& mark) {
    last_ = std::max(last_, std::min(offset(mark), source_.size()));
    Node node;
    node.kind = Node::Kind::kScalar;
    node.origin = at(mark);
    return node;
  }

  bool is_quoted_at(const YAML::Mark& mark) const {
    const std::size_t begin = behind_properties(source_, offset(mark));
    return begin < source_.size() && std::string_view("'\"|>").find(source_[begin]) != std::string_view::npos;
  }

  /// yaml-cpp marks plain scalars with "?" and quoted or block texts with "!"; another tag hides which it was.
  ScalarStyle style_of(const std::string& tag, const Node& node, const YAML::Mark& mark) const {
    if (node.tag != MergeTag::kNone) {
      const bool null = null_word(node.scalar, 0).size() == node.scalar.size() && !is_quoted_at(mark);
      return null ? ScalarStyle::kPlain : ScalarStyle::kQuoted;
    }
    return tag.empty() || tag == "?" ? ScalarStyle::kPlain : ScalarStyle::kQuoted;
  }

  /// yaml-cpp takes a value in a line of its own that is indented no deeper than its key.
  void require_indented(const YAML::Mark& mark) {
    const Node* key = builder_.pending_key();
    if (key == nullptr || open_.back().in_flow || mark.line < key->origin.line) {
      return;
    }
    const int column = std::min(open_.back().column, key->origin.column);
    require(mark.column >= column || builder_.fail(at(mark), "this is not indented deeper than its key"));
  }

  void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            YAML::EmitterStyle::value style) {
    const bool in_flow = style == YAML::EmitterStyle::Flow;
    if (in_flow) {
      require_indented(mark);
    }
    require(!ShortSource::has_words(tag) || builder_.fail(at(mark), std::string(kNotTold)));
    Node start;
    start.kind = kind;
    start.origin = at(mark);
    start.tag = known_tag(tag, start.origin);
    require(builder_.open(std::move(start), anchor));
    const bool has_properties = behind_properties(source_, offset(mark)) != offset(mark);
    open_.push_back({in_flow, has_properties ? std::numeric_limits<int>::max() : mark.column + 1});
  }

  void close() {
    open_.pop_back();
    require(builder_.close());
  }

  std::shared_ptr<const Source> file_;
  std::string_view source_;
  ShortSource* shortened_;  ///< nullptr if the parser reads the source itself
  std::vector<Collection> open_;
  TreeBuilder builder_;
  std::vector<Warning> warnings_;
  std::size_t last_ = 0;  ///< offset of the scalar before
  bool first_ = true;
  bool empty_ = false;
};

/// Where more brackets are open than any file can need: the parser would look at all of them before it says the first.
std::size_t too_deep_in_flow(std::string_view text) {
  constexpr int kMostOpen = 10'000;
  int open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '[' || c == '{') {
      ++open;
    } else if ((c == ']' || c == '}') && open > 0) {
      --open;
    }
    if (open > kMostOpen) {
      return at;
    }
  }
  return std::string_view::npos;
}

SourcePos place_in(std::string_view text, std::size_t offset, const std::string& file) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;
  return {file, static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(offset - line_start) + 1};
}

Result<std::vector<Node>> parse(const std::string& text, Handler&& handler, Problems& problems) {
  std::istringstream stream(text);
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
  } catch (const YAML::Exception& e) {
    handler.refuse(e);
  } catch (const Stop&) {
    // the builder has the error
  }
  return std::move(handler).finish(problems);
}

/// The documents of a source without a fault. Nothing if there is one: what the parser says of a shortened source is
/// not what a user has written.
std::optional<std::vector<Node>> parse_shortened(const std::string& source, const std::string& file,
                                                 Problems& problems) {
  ShortSource shortened(source);
  Problems found;
  Result<std::vector<Node>> documents =
      parse(shortened.text(), Handler(file, source, &shortened, problems.explain), found);
  if (!documents || !found.ok()) {
    return std::nullopt;
  }
  std::ranges::move(found.warnings, std::back_inserter(problems.warnings));
  return std::move(*documents);
}

}  // namespace

Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file, Problems& problems,
                                    Reading reading) {
  if (text.size() > kMaxFileBytes) {
    return make_error(Code::kInvalid, fmt::format("{} bytes are too many, the limit is {}", text.size(), kMaxFileBytes))
        .at({file, 0, 0});
  }
  text = without_bom(text);
  if (const std::size_t deep = too_deep_in_flow(text); deep != std::string_view::npos) {
    return make_error(Code::kInvalid, "too many lists or mappings are open here").at(place_in(text, deep, file));
  }
  CMP_CHECK(check_text(text, file));
  const std::string source = source_for_parser(text);
  if (reading == Reading::kShortened) {
    if (std::optional<std::vector<Node>> documents = parse_shortened(source, file, problems)) {
      return std::move(*documents);
    }
  }
  return parse(source, Handler(file, source, nullptr, problems.explain), problems);
}

}  // namespace cmp::compose
