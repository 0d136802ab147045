#include "compose/short_source.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace cmp::compose {

namespace {

/// Bytes that no UTF-8 text has and no escape makes. Words have them in turn, so that a scalar which is taken for
/// another one hardly fits. 0xFE and 0xFF would be the mark of another encoding.
constexpr unsigned char kFirstMark = 0xF9;
constexpr std::size_t kMarks = 5;

/// A key may have 1,024 bytes, and the scanner must see how long it is.
constexpr std::size_t kLongLine = 1000;

enum class Meaning : std::uint8_t {
  kNone,     ///< stands for itself
  kWord,     ///< begins a word, and goes on with it
  kInside,   ///< goes on with a word
  kKeep,     ///< a word right behind it is left alone: escapes, heads of block scalars
  kKeepAll,  ///< what is behind it is left alone up to a blank: tags, anchors, aliases
};

constexpr std::array<Meaning, 256> all_meanings() {
  std::array<Meaning, 256> table = {};
  const auto set = [&table](std::string_view characters, Meaning meaning) {
    for (const char c : characters) {
      table[static_cast<unsigned char>(c)] = meaning;
    }
  };
  set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", Meaning::kWord);
  set("./-=@+$", Meaning::kInside);
  set("\\|>", Meaning::kKeep);
  set("!&*", Meaning::kKeepAll);
  return table;
}

constexpr std::array<Meaning, 256> kMeanings = all_meanings();

Meaning meaning(char c) {
  return kMeanings[static_cast<unsigned char>(c)];
}

bool has_directive(std::string_view source) {
  return source.starts_with('%') || source.find("\n%") != std::string_view::npos;
}

bool goes_on(std::string_view source, std::size_t at) {
  const Meaning here = meaning(source[at]);
  const bool colon_inside = source[at] == ':' && at + 1 < source.size() &&
                            (meaning(source[at + 1]) == Meaning::kWord || source[at + 1] == '/');
  return here == Meaning::kWord || here == Meaning::kInside || colon_inside;
}

std::size_t end_of_word(std::string_view source, std::size_t at) {
  while (at < source.size() && goes_on(source, at)) {
    ++at;
  }
  return at;
}

}  // namespace

ShortSource::ShortSource(std::string_view source) : source_(source), text_(source.size(), '\0') {
  const bool shortened = !has_directive(source);
  for (std::size_t begin = 0; begin < source.size();) {
    line_begins_.push_back(begin);
    const std::size_t end = std::min(source.find('\n', begin), source.size() - 1) + 1;
    if (shortened && end - begin < kLongLine) {
      shorten_line(begin, end);
    } else {
      keep(begin, end);
    }
    begin = end;
  }
  text_.resize(length_);
}

void ShortSource::keep(std::size_t at, std::size_t end) {
  std::memcpy(text_.data() + length_, source_.data() + at, end - at);
  length_ += end - at;
}

void ShortSource::shorten_line(std::size_t at, std::size_t end) {
  const std::string_view line = source_.substr(0, end);
  std::size_t kept = at;
  while (at < end) {
    const Meaning here = meaning(line[at]);
    std::size_t next = at + 1;
    if (here == Meaning::kWord || here == Meaning::kKeep) {
      next = end_of_word(line, next);
    } else if (here == Meaning::kKeepAll) {
      next = std::min(line.find_first_of(" \t\n,[]{}", next), end);
    }
    if (here == Meaning::kWord && next - at > 1) {
      keep(kept, at);
      take_word(at, next);
      kept = next;
    }
    at = next;
  }
  keep(kept, end);
}

void ShortSource::take_word(std::size_t at, std::size_t end) {
  text_[length_] = static_cast<char>(kFirstMark + words_.size() % kMarks);
  words_.push_back(
      {static_cast<std::uint32_t>(length_), static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at)});
  ++length_;
}

/// Makes `next_` the first word whose place is not before `offset`.
void ShortSource::seek(std::size_t offset, std::uint32_t Word::*place) {
  while (next_ < words_.size() && words_[next_].*place < offset) {
    ++next_;
  }
  while (next_ > 0 && words_[next_ - 1].*place >= offset) {
    --next_;
  }
}

std::size_t ShortSource::source_offset(std::size_t short_offset) {
  seek(short_offset, &Word::short_offset);
  if (next_ == 0) {
    return short_offset;
  }
  const Word& before = words_[next_ - 1];
  return before.offset + before.size + (short_offset - before.short_offset - 1);
}

std::optional<std::string> ShortSource::whole(std::string_view scalar, std::size_t begin) {
  std::string text;
  seek(begin, &Word::offset);
  std::size_t word = next_;
  for (const char c : scalar) {
    if (static_cast<unsigned char>(c) < kFirstMark) {
      text += c;
      continue;
    }
    if (word == words_.size() || text_[words_[word].short_offset] != c) {
      return {};
    }
    text += source_.substr(words_[word].offset, words_[word].size);
    ++word;
  }
  return text;
}

bool ShortSource::has_words(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= kFirstMark; });
}

}  // namespace cmp::compose
