#pragma once
// A place in YAML text and the characters around it. Lines end with '\n' only: read_yaml() has replaced the others.

#include <cstddef>
#include <string_view>

namespace cmp::compose {

class YamlCursor {
 public:
  explicit YamlCursor(std::string_view text) : text_(text) {}

  /// '\0' behind the end; the text itself holds none.
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

  [[nodiscard]] bool at_line_end() const { return at_end() || text_[at_] == '\n'; }

  [[nodiscard]] bool at_blank() const { return peek() == ' ' || peek() == '\t'; }

  /// A blank, the line's end or the text's stands `ahead` characters from here.
  [[nodiscard]] bool separated(std::size_t ahead) const;
  /// `---` or `...` alone at the beginning of a line.
  [[nodiscard]] bool at_marker() const;

  [[nodiscard]] bool document_ends() const { return at_end() || at_marker(); }

  /// `- `, `? ` or `: `.
  [[nodiscard]] bool at_indicator(char indicator) const { return peek() == indicator && separated(1); }

  [[nodiscard]] bool tab_before() const;

  [[nodiscard]] int line() const { return line_; }  ///< from 1

  [[nodiscard]] int column() const { return static_cast<int>(at_ - line_start_); }  ///< from 0

  [[nodiscard]] std::size_t offset() const { return at_; }

  [[nodiscard]] std::string_view since(std::size_t offset) const { return text_.substr(offset, at_ - offset); }

  /// One character; a line's end counts.
  void advance();

  /// Within the line.
  void skip(std::size_t count) { at_ += count; }

  void skip_blanks();
  void skip_to_line_end();
  /// Blanks, comments and line ends.
  void skip_to_content();

 private:
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  int line_ = 1;
};

}  // namespace cmp::compose
