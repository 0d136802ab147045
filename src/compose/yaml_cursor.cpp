#include "compose/yaml_cursor.hpp"

#include <algorithm>

namespace cmp::compose {

bool YamlCursor::separated(std::size_t ahead) const {
  const char c = peek(ahead);
  return c == ' ' || c == '\t' || c == '\n' || c == '\0';
}

bool YamlCursor::at_marker() const {
  const std::string_view three = text_.substr(std::min(at_, text_.size()), 3);
  return column() == 0 && (three == "---" || three == "...") && separated(3);
}

bool YamlCursor::tab_before() const {
  return text_.substr(line_start_, at_ - line_start_).find('\t') != std::string_view::npos;
}

void YamlCursor::advance() {
  const bool line_end = text_[at_] == '\n';
  ++at_;
  if (line_end) {
    line_start_ = at_;
    ++line_;
  }
}

void YamlCursor::skip_blanks() {
  while (at_blank()) {
    ++at_;
  }
}

void YamlCursor::skip_to_line_end() {
  at_ = std::min(text_.find('\n', at_), text_.size());
}

void YamlCursor::skip_to_content() {
  while (true) {
    skip_blanks();
    if (peek() == '#') {
      skip_to_line_end();
    }
    if (at_end() || peek() != '\n') {
      return;
    }
    advance();
  }
}

}  // namespace cmp::compose
