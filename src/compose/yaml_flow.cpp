// [lists] and {mappings} of YamlParser. Line ends and indentation mean nothing inside them.

#include <utility>

#include "compose/mapping_builder.hpp"
#include "compose/yaml_parser.hpp"

namespace cmp::compose {

namespace {

bool at_flow_sign(const YamlCursor& cursor, std::size_t ahead) {
  const char c = cursor.peek(ahead);
  return c == ',' || c == '[' || c == ']' || c == '{' || c == '}';
}

}  // namespace

bool YamlParser::flow_sequence(Node& out) {
  const Origin origin = here();
  if (!enter(origin)) {
    return false;
  }
  cursor_.skip(1);
  out.kind = Node::Kind::kSequence;
  out.origin = origin;
  path_.emplace_back("[]");
  for (cursor_.skip_to_content(); cursor_.peek() != ']'; cursor_.skip_to_content()) {
    Node item;
    Node value;
    bool pair = false;
    if (cursor_.document_ends()) {
      return fail(origin, "the list that begins here has no end");
    }
    if (!flow_entry(item, value, pair)) {
      return false;
    }
    if (pair) {
      MappingBuilder single(errors_, path_);
      const Origin key_origin = item.origin;
      single.add(std::move(item), std::move(value));
      item = single.finish();
      item.origin = key_origin;
    }
    out.items.push_back(std::move(item));
    cursor_.skip_to_content();
    if (cursor_.peek() == ',') {
      cursor_.skip(1);
    } else if (cursor_.peek() != ']' && !cursor_.at_end()) {
      return fail(here(), "expected ',' or ']'");
    }
  }
  cursor_.skip(1);
  path_.pop_back();
  --depth_;
  return true;
}

bool YamlParser::flow_mapping(Node& out) {
  const Origin origin = here();
  if (!enter(origin)) {
    return false;
  }
  cursor_.skip(1);
  MappingBuilder builder(errors_, path_);
  for (cursor_.skip_to_content(); cursor_.peek() != '}'; cursor_.skip_to_content()) {
    Node key;
    Node value;
    bool has_value = false;
    if (cursor_.document_ends()) {
      return fail(origin, "the mapping that begins here has no end");
    }
    if (!flow_entry(key, value, has_value)) {
      return false;
    }
    builder.add(std::move(key), std::move(value));
    cursor_.skip_to_content();
    if (cursor_.peek() == ',') {
      cursor_.skip(1);
    } else if (cursor_.peek() != '}' && !cursor_.at_end()) {
      return fail(here(), "expected ',' or '}'");
    }
  }
  cursor_.skip(1);
  out = builder.finish();
  out.origin = origin;
  --depth_;
  return true;
}

/// `node`, `key: value`, or `"key":value`.
bool YamlParser::flow_entry(Node& key, Node& value, bool& has_value) {
  if (cursor_.peek() == ',') {
    return fail(here(), "unexpected ','");
  }
  const bool may_span_lines = cursor_.at_indicator('?');
  cursor_.skip(may_span_lines ? 1 : 0);
  const Origin origin = here();
  if (!flow_node(key)) {
    return false;
  }
  const bool like_json = key.is_mapping() || key.is_sequence() || key.style == ScalarStyle::kQuoted;
  cursor_.skip_to_content();
  has_value = cursor_.at_indicator(':') || (cursor_.peek() == ':' && (like_json || at_flow_sign(cursor_, 1)));
  if (!has_value) {
    return null_node(here(), value);
  }
  if (cursor_.line() != origin.line && !may_span_lines && (key.is_scalar() || key.is_null())) {
    return fail(origin, "this key goes over several lines: a ',' may be missing");
  }
  cursor_.skip(1);
  path_.push_back(key.scalar);
  const bool done = flow_value(value);
  path_.pop_back();
  return done;
}

bool YamlParser::flow_value(Node& value) {
  cursor_.skip_to_content();
  if (cursor_.peek() == ',' || cursor_.peek() == '}' || cursor_.peek() == ']') {
    return null_node(here(), value);
  }
  return flow_node(value);
}

bool YamlParser::flow_node(Node& out) {
  Properties own;
  for (cursor_.skip_to_content(); cursor_.peek() == '&' || cursor_.peek() == '!'; cursor_.skip_to_content()) {
    if (!properties(own)) {
      return false;
    }
  }
  if (!begin_anchor(own)) {
    return false;
  }
  const char c = cursor_.peek();
  const bool absent = own.line != 0 && (c == ',' || c == ']' || c == '}');
  bool done = false;
  if (absent) {
    done = null_node(here(), out);
  } else if (c == '[') {
    done = flow_sequence(out);
  } else if (c == '{') {
    done = flow_mapping(out);
  } else {
    done = flow_scalar(out);
  }
  return done && apply(own, out);
}

bool YamlParser::flow_scalar(Node& out) {
  const char c = cursor_.peek();
  const Origin origin = here();
  if (c == '*') {
    return alias(out);
  }
  if (c == '"' || c == '\'') {
    return quoted(out);
  }
  constexpr std::string_view kForbidden = "#&!|>%@`";
  const bool begins_no_scalar =
      kForbidden.find(c) != std::string_view::npos || cursor_.at_indicator(':') || cursor_.at_indicator('-');
  std::string text(begins_no_scalar ? std::string_view() : read_plain_line(cursor_, YamlContext::kFlow));
  if (text.empty()) {
    return fail(origin, cursor_.at_end() ? "unexpected end" : "unexpected character, put the text in quotes");
  }
  read_plain_rest(cursor_, YamlContext::kFlow, -1, text);
  return finish_scalar(out, origin, std::move(text), ScalarStyle::kPlain);
}

}  // namespace cmp::compose
