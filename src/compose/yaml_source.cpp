#include "compose/yaml_source.hpp"

#include <algorithm>

#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

constexpr std::string_view kBlanks = " \t";

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

std::string with_unix_line_ends(std::string_view text) {
  if (text.find('\r') == std::string_view::npos) {
    return std::string(text);
  }
  std::string out;
  out.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

/// A '?' alone begins a key.
void mask_question_marks(std::string& text) {
  for (std::size_t at = text.find('?'); at != std::string::npos; at = text.find('?', at + 1)) {
    const bool begins = at == 0 || is_one_of(text[at - 1], " \t\n,[{");
    const bool ends = at + 1 == text.size() || is_one_of(text[at + 1], " \t\n");
    if (!begins || !ends) {
      text[at] = kMaskedQuestionMark;
    }
  }
}

bool has_line_beginning_with(std::string_view text, std::string_view start) {
  for (std::size_t at = text.find(start); at != std::string_view::npos; at = text.find(start, at + 1)) {
    if (at == 0 || text[at - 1] == '\n') {
      return true;
    }
  }
  return false;
}

/// The closing quote of the one at `open`; npos if the text or the document ends before.
std::size_t end_of_quoted(std::string_view source, std::size_t open) {
  const char quote = source[open];
  for (std::size_t at = open + 1; at < source.size(); ++at) {
    const std::string_view rest = source.substr(at);
    const bool escape = quote == '"' ? rest.front() == '\\' : rest.starts_with("''");
    if (escape) {
      ++at;
    } else if (rest.front() == quote) {
      return at;
    } else if (rest.starts_with("\n---") || rest.starts_with("\n...")) {
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string source_for_parser(std::string_view text) {
  std::string source = with_unix_line_ends(text);
  mask_question_marks(source);
  const std::size_t content = source.find_last_not_of(kBlanks);
  if (content == std::string::npos || source[content] != '\n') {
    return source;
  }
  source.erase(content + 1);
  source += "...\n";
  return source;
}

std::string unmasked(std::string scalar) {
  std::ranges::replace(scalar, kMaskedQuestionMark, '?');
  return scalar;
}

std::string_view null_word(std::string_view source, std::size_t offset) {
  const std::string_view rest = source.substr(std::min(offset, source.size()));
  const std::string_view word = rest.substr(0, rest.find_first_of(" \t\n,]}:#"));
  return plain_type(word) == ScalarType::kNull ? word : std::string_view();
}

std::size_t behind_properties(std::string_view source, std::size_t offset) {
  while (offset < source.size() && is_one_of(source[offset], "!&")) {
    offset = std::min(source.find_first_of(" \t\n,]}", offset), source.size());
    offset = std::min(source.find_first_not_of(" \t\n", offset), source.size());
  }
  return offset;
}

std::size_t find_open_quote(std::string_view source, std::size_t from) {
  for (std::size_t at = from; at < source.size(); ++at) {
    const bool begins = at == from || is_one_of(source[at - 1], " \t\n,[{:");
    if (begins && source[at] == '#') {
      at = std::min(source.find('\n', at), source.size());
    } else if (begins && is_one_of(source[at], "'\"")) {
      const std::size_t end = end_of_quoted(source, at);
      if (end == std::string_view::npos) {
        return at;
      }
      at = end;
    }
  }
  return std::string_view::npos;
}

std::size_t tab_in_indentation(std::string_view source, std::size_t offset) {
  const std::size_t line = source.substr(0, std::min(offset, source.size())).rfind('\n') + 1;
  const std::size_t tab = source.find_first_not_of(' ', line);
  return tab < source.size() && source[tab] == '\t' ? tab : std::string_view::npos;
}

std::string_view bare_document_fault(std::string_view gap, bool first) {
  if (has_line_beginning_with(gap, "%")) {
    return "'---' must follow a directive";
  }
  return first || has_line_beginning_with(gap, "...") ? "" : "this fits into no mapping and no list before it";
}

}  // namespace cmp::compose
