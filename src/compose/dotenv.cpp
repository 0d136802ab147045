#include "compose/dotenv.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "compose/text_check.hpp"

namespace cmp::compose {

namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

bool is_space(char c) {
  return is_blank(c) || c == '\n';
}

std::string_view trim_right(std::string_view text) {
  while (!text.empty() && is_space(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Letters and digits of any script may stand in a name; of what is not ASCII, only marks and signs are no letters.
bool is_name_character(std::string_view text, std::size_t i) {
  const auto c = static_cast<unsigned char>(text[i]);
  if (c < 0x80U) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.-[]").find(text[i]) != std::string_view::npos;
  }
  const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0U;
  const bool latin_sign = c == 0xC2U && next != 0xAAU && next != 0xB5U && next != 0xBAU;
  const bool punctuation = c == 0xE2U && (next == 0x80U || next == 0x81U);
  const bool cjk_punctuation = c == 0xE3U && next == 0x80U;
  return !latin_sign && !punctuation && !cjk_punctuation;
}

int octal_digit(char c) {
  return c >= '0' && c <= '7' ? c - '0' : -1;
}

/// \0, \012, \0101: up to three digits behind the zero, as one code point.
std::optional<std::string> octal_escape(std::string_view text, std::size_t& i) {
  unsigned value = 0;
  int digits = 0;
  std::size_t at = i + 1;
  while (digits < 3 && at < text.size() && octal_digit(text[at]) >= 0) {
    value = value * 8 + static_cast<unsigned>(octal_digit(text[at]));
    ++at;
    ++digits;
  }
  if (digits != 3 || value > 0xFFU) {
    return {};
  }
  i = at - 1;
  if (value < 0x80U) {
    return std::string(1, static_cast<char>(value));
  }
  return std::string{static_cast<char>(0xC0U | (value >> 6U)), static_cast<char>(0x80U | (value & 0x3FU))};
}

std::optional<std::string> simple_escape(char c) {
  constexpr std::string_view kNames = "abfnrtv\"\\";
  constexpr std::string_view kValues = "\a\b\f\n\r\t\v\"\\";
  if (c == '$') {
    return "$$";  // survives the references that are replaced afterwards
  }
  const std::size_t at = kNames.find(c);
  return at == std::string_view::npos ? std::nullopt : std::optional<std::string>(std::string(1, kValues[at]));
}

/// The escapes of a double-quoted value; unknown ones stay as they are.
std::string expand_escapes(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    ++i;
    const char c = text[i];
    const std::optional<std::string> value = c == '0' ? octal_escape(text, i) : simple_escape(c);
    if (value) {
      out += *value;
    } else {
      out += '\\';
      out += c;
    }
  }
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file, const Lookup& lookup, Variables& into, VariablePlaces* places)
      : text_(text), file_(file), lookup_(lookup), into_(into), places_(places) {
    inner_.value = [this](std::string_view name) { return resolve(name); };
    inner_.unset = lookup.unset;
  }

  Status dotenv();
  Status raw();

 private:
  bool skip_to_statement();
  void skip_line();
  Status statement();
  Result<std::string> key();
  Status value(const std::string& key);
  Status unquoted(const std::string& key);
  Status quoted(const std::string& key, char quote);
  Status raw_line(std::string_view line, std::size_t begin);
  Status assign(const std::string& key, std::string_view text, std::size_t begin);
  void define(const std::string& key, std::string value, std::size_t begin);
  void note(Status done);
  Status result() &&;
  void inherit(const std::string& key);
  std::optional<std::string> resolve(std::string_view name) const;
  void skip_blanks();
  std::string_view rest_of_line(std::size_t from) const;
  SourcePos place(std::size_t offset) const;
  Error error(std::string message, std::size_t offset) const;

  bool at_end() const { return at_ >= text_.size(); }

  std::string_view text_;
  const std::string& file_;
  const Lookup& lookup_;
  Lookup inner_;
  Variables& into_;
  VariablePlaces* places_;
  std::size_t at_ = 0;
  Problems problems_;
};

SourcePos Parser::place(std::size_t offset) const {
  const std::string_view before = text_.substr(0, offset);
  const std::size_t line_start = before.rfind('\n') + 1;
  return {file_, static_cast<int>(std::ranges::count(before, '\n')) + 1, static_cast<int>(offset - line_start) + 1};
}

Error Parser::error(std::string message, std::size_t offset) const {
  return make_error(Code::kInvalid, std::move(message)).at(place(offset));
}

void Parser::define(const std::string& key, std::string value, std::size_t begin) {
  into_[key] = std::move(value);
  if (places_ != nullptr) {
    (*places_)[key] = place(begin);
  }
}

void Parser::note(Status done) {
  if (!done) {
    problems_.add(std::move(done).error());
  }
}

Status Parser::result() && {
  return problems_.ok() ? Status() : Status(std::move(problems_).combined());
}

std::optional<std::string> Parser::resolve(std::string_view name) const {
  if (std::optional<std::string> value = lookup_.value(name)) {
    return value;
  }
  const auto it = into_.find(std::string(name));
  return it == into_.end() ? std::nullopt : std::optional<std::string>(it->second);
}

std::string_view Parser::rest_of_line(std::size_t from) const {
  const std::size_t end = std::min(text_.find('\n', from), text_.size());
  return text_.substr(from, end - from);
}

void Parser::skip_blanks() {
  while (!at_end() && is_blank(text_[at_])) {
    ++at_;
  }
}

/// Behind blank lines and comments; false at the end.
bool Parser::skip_to_statement() {
  while (!at_end()) {
    if (text_[at_] == '#') {
      at_ += rest_of_line(at_).size();
    } else if (is_space(text_[at_])) {
      ++at_;
    } else {
      return true;
    }
  }
  return false;
}

void Parser::skip_line() {
  at_ += rest_of_line(at_).size();
}

/// A statement that is wrong is left out with the rest of its line.
Status Parser::dotenv() {
  while (skip_to_statement()) {
    Status done = statement();
    if (!done) {
      skip_line();
    }
    note(std::move(done));
  }
  return std::move(*this).result();
}

Status Parser::statement() {
  constexpr std::string_view kExport = "export";
  if (text_.substr(at_).starts_with(kExport) && at_ + kExport.size() < text_.size() &&
      is_blank(text_[at_ + kExport.size()])) {
    at_ += kExport.size();
    skip_blanks();
  }
  CMP_TRY(const std::string name, key());
  if (at_end() || text_[at_] == '\n') {
    inherit(name);
    return {};
  }
  ++at_;
  skip_blanks();
  return value(name);
}

/// Stops on '=', ':', the line's end or the text's.
Result<std::string> Parser::key() {
  const std::size_t begin = at_;
  while (!at_end() && text_[at_] != '=' && text_[at_] != ':' && text_[at_] != '\n') {
    if (!is_blank(text_[at_]) && !is_name_character(text_, at_)) {
      return error(fmt::format("unexpected character '{}' in variable name '{}'", text_[at_], rest_of_line(begin)),
                   at_);
    }
    // Continuation bytes belong to the character before them.
    do {
      ++at_;
    } while (!at_end() && (static_cast<unsigned char>(text_[at_]) & 0xC0U) == 0x80U);
  }
  std::string name(trim_right(text_.substr(begin, at_ - begin)));
  if (name.find(' ') != std::string::npos) {
    return error(fmt::format("key '{}' cannot contain a space", name), begin + name.find(' '));
  }
  return name;
}

void Parser::inherit(const std::string& key) {
  if (std::optional<std::string> value = lookup_.value(key)) {
    into_[key] = std::move(*value);
  }
}

Status Parser::value(const std::string& key) {
  if (!at_end() && (text_[at_] == '"' || text_[at_] == '\'')) {
    return quoted(key, text_[at_]);
  }
  return unquoted(key);
}

Status Parser::unquoted(const std::string& key) {
  const std::size_t begin = at_;
  std::string_view text = rest_of_line(at_);
  at_ += text.size();
  text = text.substr(0, std::min(text.find(" #"), text.size()));
  return assign(key, trim_right(text), begin);
}

Status Parser::quoted(const std::string& key, char quote) {
  const std::size_t begin = at_;
  std::string value;
  for (++at_; !at_end() && text_[at_] != quote; ++at_) {
    if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
      ++at_;
      value += text_[at_] == quote ? "" : "\\";
    }
    value += text_[at_];
  }
  if (at_end()) {
    return error(fmt::format("unterminated quoted value {}", rest_of_line(begin)), begin);
  }
  ++at_;
  if (quote == '\'') {
    define(key, std::move(value), begin);
    return {};
  }
  return assign(key, expand_escapes(value), begin);
}

Status Parser::assign(const std::string& key, std::string_view text, std::size_t begin) {
  Result<std::string> value = substitute(text, inner_);
  if (!value) {
    return std::move(value).error().at(place(begin));
  }
  define(key, std::move(*value), begin);
  return {};
}

Status Parser::raw() {
  while (!at_end()) {
    std::size_t begin = at_;
    std::string_view line = rest_of_line(at_);
    at_ += line.size() + 1;
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    while (!line.empty() && is_space(line.front())) {
      line.remove_prefix(1);
      ++begin;
    }
    if (!line.empty() && line.front() != '#') {
      note(raw_line(line, begin));
    }
  }
  return std::move(*this).result();
}

Status Parser::raw_line(std::string_view line, std::size_t begin) {
  const std::size_t equals = line.find('=');
  const std::string key(line.substr(0, equals));
  if (key.empty()) {
    return error(fmt::format("no variable name in '{}'", line), begin);
  }
  if (key.find_first_of(" \t") != std::string::npos) {
    return error(fmt::format("variable '{}' contains whitespace", key), begin + key.find_first_of(" \t"));
  }
  if (equals == std::string_view::npos) {
    inherit(key);
  } else {
    define(key, std::string(line.substr(equals + 1)), begin);
  }
  return {};
}

}  // namespace

Status parse_env(std::string_view text, const std::string& file, EnvFormat format, const Lookup& lookup,
                 Variables& into, VariablePlaces* places) {
  text = without_bom(text);
  CMP_CHECK(check_utf8(text, file));
  Parser parser(text, file, lookup, into, places);
  return format == EnvFormat::kRaw ? parser.raw() : parser.dotenv();
}

}  // namespace cmp::compose
