#pragma once
// Where in a text the marks of a parser are that counts characters, not bytes.

#include <cstddef>
#include <string_view>

namespace cmp::compose {

/// Both from 1, the column in bytes.
struct LineColumn {
  int line = 1;
  int column = 1;
};

/// Remembers the last place that was asked for: what is near it is found fast.
class TextPlaces {
 public:
  /// `text` must outlive this and be UTF-8.
  explicit TextPlaces(std::string_view text);

  /// The byte that begins character `index`, counted from 0; the text's size behind its end.
  [[nodiscard]] std::size_t offset(std::size_t index);

  [[nodiscard]] LineColumn place(std::size_t offset);

 private:
  std::string_view text_;
  bool ascii_;
  std::size_t index_ = 0;
  std::size_t byte_ = 0;  ///< of character index_
  int line_ = 1;
  std::size_t line_begin_ = 0;
  std::size_t line_end_;
};

}  // namespace cmp::compose
