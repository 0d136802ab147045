#include "compose/text_places.hpp"

#include <algorithm>

namespace cmp::compose {

namespace {

constexpr unsigned char kFirstNotAscii = 0x80;

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= kFirstNotAscii; });
}

bool begins_character(char c) {
  constexpr unsigned kMarkBits = 0xC0;
  constexpr unsigned kContinuation = 0x80;
  return (static_cast<unsigned char>(c) & kMarkBits) != kContinuation;
}

}  // namespace

TextPlaces::TextPlaces(std::string_view text)
    : text_(text), ascii_(is_ascii(text)), line_end_(std::min(text.find('\n'), text.size())) {}

std::size_t TextPlaces::offset(std::size_t index) {
  if (ascii_) {
    return std::min(index, text_.size());
  }
  while (index_ < index && byte_ < text_.size()) {
    do {
      ++byte_;
    } while (byte_ < text_.size() && !begins_character(text_[byte_]));
    ++index_;
  }
  while (index_ > index) {
    do {
      --byte_;
    } while (!begins_character(text_[byte_]));
    --index_;
  }
  return byte_;
}

LineColumn TextPlaces::place(std::size_t offset) {
  offset = std::min(offset, text_.size());
  while (offset > line_end_) {
    line_begin_ = line_end_ + 1;
    line_end_ = std::min(text_.find('\n', line_begin_), text_.size());
    ++line_;
  }
  while (offset < line_begin_) {
    line_end_ = line_begin_ - 1;
    line_begin_ = text_.substr(0, line_end_).rfind('\n') + 1;
    --line_;
  }
  return {line_, static_cast<int>(offset - line_begin_) + 1};
}

}  // namespace cmp::compose
