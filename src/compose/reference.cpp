#include "compose/reference.hpp"

#include <algorithm>

namespace cmp::compose {

namespace {

bool starts_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool continues_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

/// The brace that closes the one at `text[0]` or later, counting as Compose does: the character behind an opening
/// brace is never looked at. npos if the braces don't balance.
std::size_t closing_brace(std::string_view text) {
  int open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '}' && --open == 0) {
      return i;
    }
    if (text[i] == '{') {
      ++open;
      ++i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::string_view variable_name_at(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && (size == 0 ? starts_name(text[0]) : continues_name(text[size]))) {
    ++size;
  }
  return text.substr(0, size);
}

std::optional<Reference> ReferenceReader::braced(std::size_t at) {
  Reference reference;
  reference.name = variable_name_at(text_.substr(at + 2));
  std::size_t end = at + 2 + reference.name.size();
  if (reference.name.empty() || end >= text_.size()) {
    return {};
  }
  if (text_[end] == '}') {
    reference.end = end + 1;
    return reference;
  }
  reference.empty_counts = text_[end] == ':';
  end += reference.empty_counts ? 1 : 0;
  if (end >= text_.size() || std::string_view("-+?").find(text_[end]) == std::string_view::npos) {
    return {};
  }
  reference.op = text_[end];
  const std::size_t last = last_brace_on_line(at);
  if (last == std::string_view::npos || last <= end) {
    return {};
  }
  const std::size_t closing = closing_brace(text_.substr(at, last + 1 - at));
  const std::size_t word_end = closing == std::string_view::npos ? last : at + closing;
  if (word_end <= end) {
    return {};
  }
  reference.word = text_.substr(end + 1, word_end - end - 1);
  reference.end = word_end + 1;
  return reference;
}

/// A word ends on its line. Kept for the whole line, so that many references on one line cost one search.
std::size_t ReferenceReader::last_brace_on_line(std::size_t at) {
  if (at >= line_end_) {
    line_end_ = std::min(text_.find('\n', at), text_.size());
    last_brace_ = text_.substr(0, line_end_).rfind('}');
  }
  return last_brace_ != std::string_view::npos && last_brace_ > at ? last_brace_ : std::string_view::npos;
}

}  // namespace cmp::compose
