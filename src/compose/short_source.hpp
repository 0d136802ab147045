#pragma once
// A text in which words stand as single bytes, for the scanner of yaml-cpp: it takes some thousand instructions for
// each byte of plain text, and what letters a word is made of tells it nothing.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cmp::compose {

/// Words are runs of what has no meaning in YAML wherever it stands. Those in tags, anchors, aliases, escapes, heads of
/// block scalars and long lines are left alone, and so is a text with directives. Scalars of the short text are made
/// whole again by the places of their words; a scalar that is not made of the words at its place is noticed.
class ShortSource {
 public:
  /// `source` must outlive this, be shorter than 4 GiB and hold neither control characters nor what is no UTF-8.
  explicit ShortSource(std::string_view source);

  [[nodiscard]] const std::string& text() const { return text_; }

  /// Where in the source the byte at `short_offset` of text() comes from. Fast if asked for in the order of the text.
  [[nodiscard]] std::size_t source_offset(std::size_t short_offset);

  /// Where line `line`, counted from 0, begins in the source; its size if there is no such line.
  [[nodiscard]] std::size_t line_begin(std::size_t line) const {
    return line < line_begins_.size() ? line_begins_[line] : source_.size();
  }

  /// A scalar of text() with its words, whose text begins at `begin` of the source. Nothing if that can't be.
  [[nodiscard]] std::optional<std::string> whole(std::string_view scalar, std::size_t begin);

  /// A text that is no scalar, such as a tag, has lost a word.
  [[nodiscard]] static bool has_words(std::string_view text);

 private:
  struct Word {
    std::uint32_t short_offset;
    std::uint32_t offset;  ///< of the source
    std::uint32_t size;
  };

  void shorten_line(std::size_t at, std::size_t end);
  void take_word(std::size_t at, std::size_t end);
  void keep(std::size_t at, std::size_t end);
  void seek(std::size_t offset, std::uint32_t Word::*place);

  std::string_view source_;
  std::string text_;
  std::size_t length_ = 0;  ///< of text_ so far
  std::vector<Word> words_;
  std::vector<std::size_t> line_begins_;
  std::size_t next_ = 0;  ///< the word that was sought last
};

}  // namespace cmp::compose
