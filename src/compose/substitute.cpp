#include "compose/substitute.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/core.h>

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxResultBytes = 4U << 20U;
constexpr int kMaxNesting = 64;

bool starts_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool continues_name(char c) {
  return starts_name(c) || (c >= '0' && c <= '9');
}

std::size_t name_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && (end == begin ? starts_name(text[end]) : continues_name(text[end]))) {
    ++end;
  }
  return end;
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

/// `${name op word}`, taken apart.
struct Reference {
  std::string_view name;
  char op = 0;                ///< '-', '+', '?' or 0 for none
  bool empty_counts = false;  ///< `:` before the operator: an empty value is like none
  std::string_view word;
  std::size_t end = 0;  ///< behind the closing brace
};

class Substitution {
 public:
  Substitution(std::string_view text, const Lookup& lookup, int nesting)
      : text_(text), lookup_(lookup), nesting_(nesting) {}

  Result<std::string> run();

 private:
  Status reference();
  Status braced();
  std::optional<Reference> parse_braced();
  Status apply(const Reference& reference);
  Status append_word(std::string_view word);
  std::size_t last_brace_on_line();
  void plain_value(std::string_view name);
  Error malformed() const;

  std::string_view text_;
  const Lookup& lookup_;
  int nesting_;
  std::size_t at_ = 0;
  std::string out_;
  std::size_t line_end_ = 0;  ///< of the line that last_brace_ was sought on
  std::size_t last_brace_ = std::string_view::npos;
};

Result<std::string> Substitution::run() {
  if (nesting_ > kMaxNesting) {
    return make_error(Code::kInvalid, "references are nested too deeply");
  }
  while (at_ < text_.size()) {
    const std::size_t dollar = std::min(text_.find('$', at_), text_.size());
    out_.append(text_, at_, dollar - at_);
    at_ = dollar;
    if (at_ < text_.size()) {
      CMP_CHECK(reference());
    }
    if (out_.size() > kMaxResultBytes) {
      return make_error(Code::kInvalid, "the value becomes too long by its references");
    }
  }
  return std::move(out_);
}

/// `at_` is on a dollar sign.
Status Substitution::reference() {
  const char next = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
  if (next == '{') {
    return braced();
  }
  if (starts_name(next)) {
    const std::size_t end = name_end(text_, at_ + 1);
    plain_value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end;
    return {};
  }
  out_ += '$';
  at_ += next == '$' ? 2 : 1;
  return {};
}

Status Substitution::braced() {
  const std::optional<Reference> reference = parse_braced();
  if (!reference) {
    return malformed();
  }
  CMP_CHECK(apply(*reference));
  at_ = reference->end;
  return {};
}

std::optional<Reference> Substitution::parse_braced() {
  Reference reference;
  const std::size_t name_begin = at_ + 2;
  std::size_t end = name_end(text_, name_begin);
  reference.name = text_.substr(name_begin, end - name_begin);
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
  const std::size_t last = last_brace_on_line();
  if (last == std::string_view::npos || last <= end) {
    return {};
  }
  const std::size_t closing = closing_brace(text_.substr(at_, last + 1 - at_));
  const std::size_t word_end = closing == std::string_view::npos ? last : at_ + closing;
  if (word_end <= end) {
    return {};
  }
  reference.word = text_.substr(end + 1, word_end - end - 1);
  reference.end = word_end + 1;
  return reference;
}

/// A word ends on its line. Kept for the whole line, so that many references on one line cost one search.
std::size_t Substitution::last_brace_on_line() {
  if (at_ >= line_end_) {
    line_end_ = std::min(text_.find('\n', at_), text_.size());
    last_brace_ = text_.substr(0, line_end_).rfind('}');
  }
  return last_brace_ != std::string_view::npos && last_brace_ > at_ ? last_brace_ : std::string_view::npos;
}

Status Substitution::apply(const Reference& reference) {
  if (reference.op == 0) {
    plain_value(reference.name);
    return {};
  }
  const std::optional<std::string> value = lookup_.value(reference.name);
  const bool present = value && !(reference.empty_counts && value->empty());
  if (reference.op == '+') {
    return present ? append_word(reference.word) : Status();
  }
  if (present) {
    out_ += *value;
    return {};
  }
  if (reference.op == '-') {
    return append_word(reference.word);
  }
  CMP_TRY(const std::string reason, Substitution(reference.word, lookup_, nesting_ + 1).run());
  return make_error(Code::kNotFound, fmt::format("required variable '{}' is missing a value{}{}", reference.name,
                                                 reason.empty() ? "" : ": ", reason));
}

Status Substitution::append_word(std::string_view word) {
  CMP_TRY(const std::string value, Substitution(word, lookup_, nesting_ + 1).run());
  out_ += value;
  return {};
}

void Substitution::plain_value(std::string_view name) {
  if (const std::optional<std::string> value = lookup_.value(name)) {
    out_ += *value;
  } else if (lookup_.unset) {
    lookup_.unset(name);
  }
}

Error Substitution::malformed() const {
  constexpr std::size_t kShown = 200;
  return make_error(Code::kInvalid,
                    fmt::format("invalid interpolation in '{}': write a literal $ as $$", text_.substr(0, kShown)));
}

}  // namespace

Result<std::string> substitute(std::string_view text, const Lookup& lookup) {
  return Substitution(text, lookup, 0).run();
}

std::string unset_message(std::string_view name) {
  return fmt::format("variable '{}' is not set, defaulting to a blank string", name);
}

}  // namespace cmp::compose
