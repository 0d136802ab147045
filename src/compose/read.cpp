// YAML text → trees. libyaml parses, as it does for Docker Compose, whose library is a translation of it; its events
// are built into Nodes directly, since what it makes of documents itself has neither places nor merge keys.

#include <yaml.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/core_tag.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"
#include "compose/text_check.hpp"
#include "compose/text_places.hpp"
#include "compose/tree_builder.hpp"
#include "compose/yaml_complaint.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20U;  // a tree takes up to some hundred bytes of memory for one

std::string_view view(const yaml_char_t* text, std::size_t size) {
  return {reinterpret_cast<const char*>(text), size};  // libyaml's characters are unsigned
}

/// "" for none.
std::string_view view(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

/// libyaml's parser of one text, which must outlive it.
class Parser {
 public:
  explicit Parser(std::string_view text) : ready_(yaml_parser_initialize(&parser_) == 1) {
    if (ready_) {
      yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
      yaml_parser_set_input_string(&parser_, reinterpret_cast<const yaml_char_t*>(text.data()), text.size());
    }
  }

  ~Parser() {
    if (ready_) {
      yaml_parser_delete(&parser_);
    }
  }

  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// The next event, to be given back with yaml_event_delete; false if there is a fault().
  bool next(yaml_event_t& event) { return ready_ && yaml_parser_parse(&parser_, &event) == 1; }

  [[nodiscard]] YamlFault fault(TextPlaces& places) const {
    if (!ready_ || parser_.problem == nullptr) {
      return {"there is no memory to read it", "", 0, 0};
    }
    const bool of_reader = parser_.error == YAML_READER_ERROR;  // it counts bytes
    return {parser_.problem, parser_.context == nullptr ? "" : parser_.context,
            of_reader ? parser_.problem_offset : places.offset(parser_.problem_mark.index),
            places.offset(parser_.context_mark.index)};
  }

 private:
  yaml_parser_t parser_ = {};
  bool ready_;
};

MergeTag merge_tag(std::string_view tag) {
  if (tag == "!reset") {
    return MergeTag::kReset;
  }
  return tag == "!override" ? MergeTag::kOverride : MergeTag::kNone;
}

/// What to say of a tag that is neither YAML's ("!!str") nor Compose's: most are slips.
std::optional<std::string> unknown_tag(std::string_view tag) {
  constexpr std::array<std::string_view, 2> kTags{"!reset", "!override"};
  if (tag.size() < 2 || tag.front() != '!' || std::ranges::find(kTags, tag) != kTags.end()) {
    return std::nullopt;
  }
  const std::string_view meant = nearest(tag, kTags);
  return meant.empty() ? fmt::format("the tag '{}' has no meaning here and is ignored", tag)
                       : fmt::format("the tag '{}' has no meaning here and is ignored, did you mean '{}'?", tag, meant);
}

/// A value with a tag is text, but for null behind a tag of Compose's.
ScalarStyle style_of(const Node& node, std::string_view tag, yaml_scalar_style_t written) {
  const bool plain = written == YAML_PLAIN_SCALAR_STYLE;
  const bool plain_by_tag =
      tag.empty() || (node.tag != MergeTag::kNone && plain_type(node.scalar) == ScalarType::kNull);
  return plain && plain_by_tag ? ScalarStyle::kPlain : ScalarStyle::kQuoted;
}

class Reader {
 public:
  /// `text` must outlive this.
  Reader(std::string_view text, const std::string& file, bool explain)
      : text_(text), places_(text), file_(std::make_shared<const Source>(Source{file, {}})), builder_(explain) {}

  Result<std::vector<Node>> read(Problems& problems) && {
    Parser parser(text_);
    bool more = true;
    while (more) {
      yaml_event_t event;
      if (!parser.next(event)) {
        refuse(parser.fault(places_));
        break;
      }
      more = take(event) && event.type != YAML_STREAM_END_EVENT;
      yaml_event_delete(&event);
    }
    problems.warnings.insert(problems.warnings.end(), warnings_.begin(), warnings_.end());
    return std::move(builder_).finish(problems);
  }

 private:
  /// False if the builder has an error that ends the reading.
  bool take(const yaml_event_t& event) {
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        anchors_.clear();
        builder_.begin_document();
        return true;
      case YAML_SCALAR_EVENT:
        return scalar(event);
      case YAML_ALIAS_EVENT:
        return alias(at(event.start_mark), view(event.data.alias.anchor));
      case YAML_SEQUENCE_START_EVENT:
        return open(Node::Kind::kSequence, event.start_mark, event.data.sequence_start.tag,
                    event.data.sequence_start.anchor);
      case YAML_MAPPING_START_EVENT:
        return open(Node::Kind::kMapping, event.start_mark, event.data.mapping_start.tag,
                    event.data.mapping_start.anchor);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return builder_.close();
      default:
        return true;
    }
  }

  bool scalar(const yaml_event_t& event) {
    const auto& written = event.data.scalar;
    const std::string_view tag = view(written.tag);
    const AnchorId anchor = number_of(written.anchor);
    Node node;
    node.kind = Node::Kind::kScalar;
    node.origin = at(event.start_mark);
    node.scalar = view(written.value, written.length);
    node.tag = known_tag(tag, node.origin);
    node.style = style_of(node, tag, written.style);
    if (const Status applied = apply_core_tag(node, tag); !applied) {
      builder_.note(node.origin, applied.error().message);
      node.health = Health::kWrong;
    }
    if (node.scalar.find('\0') != std::string::npos) {
      return builder_.fail(node.origin, "an escape names U+0000, which is no character");
    }
    const Node* key = builder_.pending_key();
    if (key != nullptr && written.length == 0 && event.start_mark.index == event.end_mark.index && anchor == 0) {
      node.origin = key->origin;  // there is no value
    }
    return builder_.scalar(std::move(node), anchor);
  }

  bool alias(const Origin& origin, std::string_view name) {
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      return builder_.fail(origin, fmt::format("'*{}' refers to an anchor that is not defined before it", name));
    }
    return builder_.alias(origin, found->second);
  }

  bool open(Node::Kind kind, const yaml_mark_t& mark, const yaml_char_t* tag, const yaml_char_t* anchor) {
    Node start;
    start.kind = kind;
    start.origin = at(mark);
    start.tag = known_tag(view(tag), start.origin);
    return builder_.open(std::move(start), number_of(anchor));
  }

  /// A name that is given again names the later value from there on.
  AnchorId number_of(const yaml_char_t* anchor) {
    if (anchor == nullptr) {
      return 0;
    }
    builder_.name_anchor(std::string(view(anchor)));
    return anchors_[std::string(view(anchor))] = ++last_anchor_;
  }

  MergeTag known_tag(std::string_view tag, const Origin& origin) {
    if (std::optional<std::string> unknown = unknown_tag(tag)) {
      warnings_.push_back({origin.pos(), *std::move(unknown)});
    }
    return merge_tag(tag);
  }

  void refuse(const YamlFault& fault) {
    const Node* open = builder_.innermost();
    if (open != nullptr && is_open_bracket(fault, text_)) {
      builder_.fail_syntax(open->origin,
                           fmt::format("the {} that begins here has no end", open->is_sequence() ? "list" : "mapping"));
      return;
    }
    YamlComplaint complaint = yaml_complaint(fault, text_);
    if (fault.problem == "could not find expected ':'" && open != nullptr) {
      complaint.words = builder_.pending_key() != nullptr ? "this is not indented deeper than its key"
                        : open->is_sequence()             ? std::string(kNotInList)
                                                          : complaint.words;
    }
    builder_.fail_syntax(at(complaint.at), std::move(complaint.words));
  }

  Origin at(std::size_t offset) {
    const LineColumn place = places_.place(offset);
    return {file_, place.line, place.column};
  }

  Origin at(const yaml_mark_t& mark) { return at(places_.offset(mark.index)); }

  std::string_view text_;
  TextPlaces places_;
  std::shared_ptr<const Source> file_;
  TreeBuilder builder_;
  std::vector<Warning> warnings_;
  std::map<std::string, AnchorId, std::less<>> anchors_;
  AnchorId last_anchor_ = 0;
};

/// `text` with line ends as Unix has them.
std::string with_unix_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file, Problems& problems) {
  if (text.size() > kMaxFileBytes) {
    return make_error(Code::kInvalid, fmt::format("{} bytes are too many, the limit is {}", text.size(), kMaxFileBytes))
        .at({file, 0, 0});
  }
  text = without_bom(text);
  CMP_CHECK(check_text(text, file));
  std::string converted;
  if (text.find('\r') != std::string_view::npos) {
    converted = with_unix_line_ends(text);
    text = converted;
  }
  return Reader(text, file, problems.explain).read(problems);
}

}  // namespace cmp::compose
