#include "compose/substitute.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/core.h>

#include "compose/reference.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxResultBytes = 4U << 20U;
constexpr int kMaxNesting = 64;

class Substitution {
 public:
  Substitution(std::string_view text, const Lookup& lookup, int nesting)
      : text_(text), lookup_(lookup), nesting_(nesting), references_(text) {}

  Result<std::string> run();

 private:
  Status reference();
  Status braced();
  Status apply(const Reference& reference);
  Status append_word(std::string_view word);
  void plain_value(std::string_view name);
  Error malformed() const;

  std::string_view text_;
  const Lookup& lookup_;
  int nesting_;
  ReferenceReader references_;
  std::size_t at_ = 0;
  std::string out_;
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
  if (const std::string_view name = variable_name_at(text_.substr(at_ + 1)); !name.empty()) {
    plain_value(name);
    at_ += 1 + name.size();
    return {};
  }
  out_ += '$';
  at_ += next == '$' ? 2 : 1;
  return {};
}

Status Substitution::braced() {
  const std::optional<Reference> reference = references_.braced(at_);
  if (!reference) {
    return malformed();
  }
  CMP_CHECK(apply(*reference));
  at_ = reference->end;
  return {};
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
