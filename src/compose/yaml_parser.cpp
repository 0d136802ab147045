#include "compose/yaml_parser.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "compose/mapping_builder.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

Result<std::vector<Node>> YamlParser::run() {
  if (stream() && errors_.empty()) {
    return std::move(documents_);
  }
  Problems problems;
  problems.errors = std::move(errors_);
  return std::move(problems).combined();
}

bool YamlParser::fail(const Origin& origin, std::string message) {
  errors_.push_back(make_error(Code::kInvalid, std::move(message)).at(origin.pos()));
  return false;
}

bool YamlParser::stream() {
  while (true) {
    cursor_.skip_to_content();
    if (cursor_.at_end()) {
      return true;
    }
    if (cursor_.peek() == '.' && cursor_.at_marker()) {
      cursor_.skip(3);
      continue;
    }
    if (!document()) {
      return false;
    }
  }
}

bool YamlParser::document() {
  while (cursor_.peek() == '%' && cursor_.column() == 0) {
    if (!directive()) {
      return false;
    }
  }
  const bool marked = cursor_.at_marker();
  cursor_.skip(marked ? 3 : 0);
  anchors_.clear();
  path_.clear();
  Node root;
  if (!node({.indent = -1, .compact = !marked}, root)) {
    return false;
  }
  documents_.push_back(std::move(root));
  cursor_.skip_to_content();
  return cursor_.document_ends() || fail(here(), "this fits into no mapping and no list before it");
}

/// `%YAML 1.2` and `%TAG` change nothing that compose files could notice.
bool YamlParser::directive() {
  cursor_.skip_to_line_end();
  cursor_.skip_to_content();
  const bool goes_on = cursor_.peek() == '%' || cursor_.at_marker();
  return goes_on || fail(here(), "'---' must follow a directive");
}

bool YamlParser::no_tab() {
  return !cursor_.tab_before() || fail(here(), "a tab in the indentation, use blanks");
}

bool YamlParser::enter(const Origin& origin) {
  constexpr int kMaxDepth = 100;
  return ++depth_ <= kMaxDepth || fail(origin, fmt::format("nested deeper than {} levels", kMaxDepth));
}

bool YamlParser::node(Place place, Node& out) {
  const Origin start = here();
  Properties outer;
  Properties inner;
  bool moved = false;
  while (true) {
    const int line = cursor_.line();
    cursor_.skip_to_content();
    if (cursor_.line() != line) {
      moved = true;
      outer = inner.line != 0 ? std::exchange(inner, {}) : outer;
    }
    const bool at_sibling = place.same_indent && cursor_.column() == place.indent && cursor_.at_indicator('-');
    const bool belongs = !moved || cursor_.column() > place.indent || at_sibling;
    if (cursor_.document_ends() || !belongs) {
      return null_node(start, out) && begin_anchor(outer) && apply(outer, out) && apply(inner, out);
    }
    if (moved && !no_tab()) {
      return false;
    }
    if (cursor_.peek() != '!' && cursor_.peek() != '&') {
      break;
    }
    if (!properties(inner)) {
      return false;
    }
  }
  return content(place, std::move(outer), std::move(inner), place.compact || moved, out);
}

bool YamlParser::null_node(const Origin& origin, Node& out) {
  out = Node();
  out.origin = origin;
  return true;
}

bool YamlParser::content(const Place& place, Properties outer, Properties inner, bool may_nest, Node& out) {
  const char c = cursor_.peek();
  const bool in_block = cursor_.at_indicator('-') || cursor_.at_indicator('?');
  if (c != '[' && c != '{' && c != '|' && c != '>' && !in_block) {
    return scalar_or_mapping(place, outer, inner, may_nest, out);
  }
  if (in_block && !may_nest) {
    return fail(here(), fmt::format("'{}' can't begin a list or a mapping inside a value", c));
  }
  if (!begin_anchor(outer) || !begin_anchor(inner)) {
    return false;
  }
  bool done = false;
  if (c == '[' || c == '{') {
    done = (c == '[' ? flow_sequence(out) : flow_mapping(out)) && end_of_line();
  } else if (c == '|' || c == '>') {
    done = block_scalar(place, out);
  } else if (c == '-') {
    done = block_sequence(cursor_.column(), out);
  } else {
    Node key;
    const int column = cursor_.column();
    done = explicit_key(column, key) && block_mapping(column, std::move(key), out);
  }
  return done && apply(outer, out) && apply(inner, out);
}

bool YamlParser::end_of_line() {
  cursor_.skip_blanks();
  if (cursor_.at_line_end() || cursor_.peek() == '#') {
    return true;
  }
  return fail(here(), cursor_.at_indicator(':') ? "a mapping can't begin inside a value, put the value in quotes"
                                                : "unexpected text behind a value");
}

bool YamlParser::block_scalar(const Place& place, Node& out) {
  const Origin origin = here();
  Result<std::string> text = read_block_scalar(cursor_, place.indent);
  if (!text) {
    return fail(origin, std::move(text).error().message);
  }
  return finish_scalar(out, origin, std::move(*text), ScalarStyle::kQuoted);
}

bool YamlParser::quoted(Node& out) {
  const Origin origin = here();
  Result<std::string> text = read_quoted(cursor_);
  if (!text) {
    return fail(origin, std::move(text).error().message);
  }
  return finish_scalar(out, origin, std::move(*text), ScalarStyle::kQuoted);
}

bool YamlParser::finish_scalar(Node& out, const Origin& origin, std::string text, ScalarStyle style) {
  constexpr std::size_t kMaxScalarBytes = 1U << 20U;
  if (text.size() > kMaxScalarBytes) {
    return fail(origin, fmt::format("a value of {} bytes is too long, the limit is {}", text.size(), kMaxScalarBytes));
  }
  out.kind = Node::Kind::kScalar;
  out.scalar = std::move(text);
  out.style = style;
  out.origin = origin;
  return true;
}

bool YamlParser::key_scalar(Node& key) {
  constexpr std::string_view kForbidden = ",[]{}#&!|>%@`";
  const char c = cursor_.peek();
  if (c == '*') {
    return alias(key);
  }
  if (c == '"' || c == '\'') {
    return quoted(key);
  }
  const Origin origin = here();
  const bool begins_no_scalar = kForbidden.find(c) != std::string_view::npos || cursor_.at_indicator(':');
  const std::string_view text = begins_no_scalar ? std::string_view() : read_plain_line(cursor_, YamlContext::kBlock);
  return text.empty() ? fail(origin, fmt::format("unexpected '{}', put the text in quotes", c))
                      : finish_scalar(key, origin, std::string(text), ScalarStyle::kPlain);
}

bool YamlParser::scalar_or_mapping(const Place& place, const Properties& outer, const Properties& inner, bool may_nest,
                                   Node& out) {
  const int column = cursor_.column();
  const int line = cursor_.line();
  const bool plain = cursor_.peek() != '*' && cursor_.peek() != '"' && cursor_.peek() != '\'';
  if (!begin_anchor(inner) || !key_scalar(out)) {
    return false;
  }
  YamlCursor after = cursor_;
  after.skip_blanks();
  if (may_nest && after.at_indicator(':') && after.line() == line) {
    cursor_ = after;
    Node key = std::exchange(out, Node());
    return apply(inner, key) && begin_anchor(outer) &&
           block_mapping(inner.line != 0 ? inner.column : column, std::move(key), out) && apply(outer, out);
  }
  if (plain) {
    read_plain_rest(cursor_, YamlContext::kBlock, place.indent, out.scalar);
    std::string text = std::exchange(out.scalar, {});
    if (!finish_scalar(out, Origin(out.origin), std::move(text), ScalarStyle::kPlain)) {
      return false;
    }
  }
  return begin_anchor(outer) && apply(outer, out) && apply(inner, out) && end_of_line();
}

bool YamlParser::block_sequence(int column, Node& out) {
  const Origin origin = here();
  if (!enter(origin)) {
    return false;
  }
  out.kind = Node::Kind::kSequence;
  out.origin = origin;
  path_.emplace_back("[]");
  while (cursor_.column() == column && cursor_.at_indicator('-') && !cursor_.document_ends()) {
    cursor_.skip(1);
    Node item;
    if (!node({.indent = column, .compact = true}, item)) {
      return false;
    }
    out.items.push_back(std::move(item));
    cursor_.skip_to_content();
    if (!cursor_.document_ends() && (!no_tab() || cursor_.column() > column)) {
      return fail(here(), "this is indented deeper than the list before it");
    }
  }
  path_.pop_back();
  --depth_;
  return true;
}

/// The cursor is on the colon behind the first key.
bool YamlParser::block_mapping(int column, Node first_key, Node& out) {
  const Origin origin = first_key.origin;
  if (!enter(origin)) {
    return false;
  }
  MappingBuilder builder(errors_, path_);
  Node key = std::move(first_key);
  for (bool done = false; !done;) {
    const bool after_explicit_key = cursor_.column() == column;
    cursor_.skip(1);
    path_.push_back(key.scalar);
    Node value;
    if (!node({.indent = column, .compact = after_explicit_key, .same_indent = true}, value)) {
      return false;
    }
    path_.pop_back();
    builder.add(std::move(key), std::move(value));
    key = Node();
    if (!next_key(column, key, done)) {
      return false;
    }
  }
  out = builder.finish();
  out.origin = origin;
  --depth_;
  return true;
}

/// Leaves the cursor on the colon behind the key; `done` if the mapping has no more.
bool YamlParser::next_key(int column, Node& key, bool& done) {
  cursor_.skip_to_content();
  done = cursor_.document_ends() || cursor_.column() < column;
  if (done) {
    return true;
  }
  if (!no_tab()) {
    return false;
  }
  if (cursor_.column() > column) {
    return fail(here(), "this is indented deeper than the key before it");
  }
  if (cursor_.at_indicator('-')) {
    return fail(here(), "a list item where a key is expected");
  }
  if (cursor_.at_indicator('?')) {
    return explicit_key(column, key);
  }
  const int line = cursor_.line();
  Properties own;
  while (cursor_.peek() == '&' || cursor_.peek() == '!') {
    if (!properties(own)) {
      return false;
    }
    cursor_.skip_blanks();
  }
  const Origin origin = here();
  if (!begin_anchor(own) || !key_scalar(key) || !apply(own, key)) {
    return false;
  }
  cursor_.skip_blanks();
  return (cursor_.at_indicator(':') && cursor_.line() == line) || fail(origin, "expected ':' behind this key");
}

/// `? key`, then `:` on a line of its own.
bool YamlParser::explicit_key(int column, Node& key) {
  cursor_.skip(1);
  if (!node({.indent = column, .compact = true}, key)) {
    return false;
  }
  cursor_.skip_to_content();
  const bool colon = cursor_.column() == column && cursor_.at_indicator(':');
  return colon || fail(here(), "expected ':' behind the key that '?' begins");
}

}  // namespace cmp::compose
