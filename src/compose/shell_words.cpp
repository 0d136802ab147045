#include "compose/shell_words.hpp"

#include <algorithm>

namespace cmp::compose {
namespace {

enum class Inside { kNothing, kSingle, kDouble, kBacktick, kDollar };

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

class Splitter {
 public:
  /// False once the line can't be a command.
  bool feed(char c);

  [[nodiscard]] bool ended() const { return ended_; }

  [[nodiscard]] std::optional<std::vector<std::string>> finish();

 private:
  void escaped(char c);
  void finish_word();
  bool bracket(char c);
  void keep(char c);
  /// True if `c` opens or closes a quotation that it is not itself part of.
  bool quote(char c);

  [[nodiscard]] bool verbatim() const { return inside_ == Inside::kBacktick || inside_ == Inside::kDollar; }

  std::vector<std::string> words_;
  std::string word_;
  Inside inside_ = Inside::kNothing;
  bool in_word_ = false;
  bool after_backslash_ = false;
  bool ended_ = false;
};

void Splitter::keep(char c) {
  word_ += c;
  in_word_ = true;
}

void Splitter::escaped(char c) {
  after_backslash_ = false;
  if (verbatim()) {
    word_ += '\\';
    return keep(c);
  }
  keep(c == 't' ? '\t' : c == 'n' ? '\n' : c);
}

void Splitter::finish_word() {
  if (in_word_) {
    words_.push_back(std::move(word_));
  }
  word_.clear();
  in_word_ = false;
}

bool Splitter::quote(char c) {
  const Inside mine = c == '"' ? Inside::kDouble : Inside::kSingle;
  if (inside_ == mine) {
    inside_ = Inside::kNothing;
    in_word_ = true;
    return true;
  }
  if (inside_ == Inside::kNothing) {
    inside_ = mine;
    return true;
  }
  return false;
}

bool Splitter::bracket(char c) {
  if (c == '(') {
    const bool opens = inside_ == Inside::kNothing && word_.ends_with('$') && !word_.ends_with("\\$");
    inside_ = Inside::kDollar;
    keep(c);
    return opens;
  }
  const bool closes = inside_ == Inside::kDollar;
  inside_ = Inside::kNothing;
  keep(c);
  return closes;
}

bool Splitter::feed(char c) {
  if (after_backslash_) {
    escaped(c);
  } else if (c == '\\' && inside_ != Inside::kSingle) {
    after_backslash_ = true;
  } else if (is_space(c) && inside_ == Inside::kNothing) {
    finish_word();
  } else if ((c == '(' || c == ')') && (inside_ == Inside::kNothing || inside_ == Inside::kDollar)) {
    return bracket(c);
  } else if (std::string_view(";&|<>").find(c) != std::string_view::npos && inside_ == Inside::kNothing) {
    ended_ = true;
    in_word_ = in_word_ && !(c == '>' && all_digits(word_));
  } else if (c == '`' && (inside_ == Inside::kNothing || inside_ == Inside::kBacktick)) {
    inside_ = inside_ == Inside::kNothing ? Inside::kBacktick : Inside::kNothing;
    keep(c);
  } else if (!((c == '"' || c == '\'') && quote(c))) {
    keep(c);
  }
  return true;
}

std::optional<std::vector<std::string>> Splitter::finish() {
  if (after_backslash_ || inside_ != Inside::kNothing) {
    return std::nullopt;
  }
  finish_word();
  return std::move(words_);
}

}  // namespace

std::optional<std::vector<std::string>> split_shell_words(std::string_view line) {
  Splitter splitter;
  for (const char c : line) {
    if (!splitter.feed(c)) {
      return std::nullopt;
    }
    if (splitter.ended()) {
      break;
    }
  }
  return splitter.finish();
}

}  // namespace cmp::compose
