#include <charconv>

#include <fmt/core.h>

#include "cli/go_template.hpp"

namespace cmp::cli::go_template {

namespace {

using Json = nlohmann::json;
using Nodes = std::vector<Node>;

constexpr std::string_view kBlanks = " \t\r\n";

Error wrong_template(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

/// A text, or one action without its braces.
struct Piece {
  bool action = false;
  std::string text;
};

void trim_end(std::string& text) {
  text.erase(text.find_last_not_of(kBlanks) + 1);
}

/// Where "}}" is that no quoted text holds; npos if nowhere.
std::size_t end_of_action(std::string_view text, std::size_t at) {
  char quote = 0;
  for (; at + 1 < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      at += quote == '"' && c == '\\' ? 1U : 0U;
      quote = c == quote ? '\0' : quote;
    } else if (c == '"' || c == '`') {
      quote = c;
    } else if (c == '}' && text[at + 1] == '}') {
      return at;
    }
  }
  return std::string_view::npos;
}

Result<std::vector<Piece>> cut(std::string_view text) {
  std::vector<Piece> pieces;
  bool trim = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = std::min(text.find("{{", at), text.size());
    Piece plain{.action = false, .text = std::string(text.substr(at, open - at))};
    if (trim) {
      plain.text.erase(0, std::min(plain.text.find_first_not_of(kBlanks), plain.text.size()));
    }
    trim = false;
    if (open == text.size()) {
      pieces.push_back(std::move(plain));
      break;
    }
    const std::size_t close = end_of_action(text, open + 2);
    if (close == std::string_view::npos) {
      return wrong_template(fmt::format("'{}' has no '}}}}'", text.substr(open, 20)));
    }
    std::string_view inner = text.substr(open + 2, close - open - 2);
    if (inner.starts_with("- ")) {
      trim_end(plain.text);
      inner.remove_prefix(2);
    }
    if (inner.ends_with(" -")) {
      inner.remove_suffix(2);
      trim = true;
    }
    pieces.push_back(std::move(plain));
    if (!inner.starts_with("/*")) {
      pieces.push_back({.action = true, .text = std::string(inner)});
    }
    at = close + 2;
  }
  return pieces;
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The words of one action.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) { skip(); }

  [[nodiscard]] bool at_end() const { return at_ == text_.size(); }

  Result<Pipeline> pipeline(bool in_brackets) {
    Pipeline out;
    for (;;) {
      CMP_TRY(auto command, this->command());
      out.commands.push_back(std::move(command));
      if (!at_end() && text_[at_] == '|') {
        next();
        continue;
      }
      const bool closed = !at_end() && text_[at_] == ')';
      if (closed != in_brackets) {
        return wrong_template(fmt::format("brackets do not match in '{}'", text_));
      }
      if (closed) {
        next();
      }
      return out;
    }
  }

  /// A word that begins here; "" if none does.
  std::string word() {
    const std::size_t begin = at_;
    while (!at_end() && is_word(text_[at_])) {
      ++at_;
    }
    std::string out(text_.substr(begin, at_ - begin));
    skip();
    return out;
  }

 private:
  void skip() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }

  void next() {
    ++at_;
    skip();
  }

  Result<std::vector<Operand>> command() {
    std::vector<Operand> out;
    while (!at_end() && text_[at_] != '|' && text_[at_] != ')') {
      CMP_TRY(auto operand, this->operand());
      out.push_back(std::move(operand));
    }
    return out.empty() ? Result<std::vector<Operand>>(wrong_template(fmt::format("'{{{{{}}}}}' lacks a value", text_)))
                       : std::move(out);
  }

  Result<Operand> operand() {
    const char c = text_[at_];
    if (c == '"' || c == '`') {
      return quoted(c);
    }
    if (c == '.') {
      return field();
    }
    if (c == '(') {
      next();
      CMP_TRY(auto inner, pipeline(true));
      return Operand{.kind = Operand::Kind::kPipeline, .pipeline = std::make_shared<Pipeline>(std::move(inner))};
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
      return number();
    }
    if (!is_word(c)) {
      return wrong_template(fmt::format("'{}' is not possible in a template here ('{{{{{}}}}}')", c, text_));
    }
    const std::string name = word();
    if (name == "true" || name == "false") {
      return Operand{.kind = Operand::Kind::kLiteral, .literal = name == "true"};
    }
    return Operand{.kind = Operand::Kind::kFunction, .function = name};
  }

  Result<Operand> quoted(char quote) {
    std::string out;
    for (++at_; !at_end() && text_[at_] != quote; ++at_) {
      char c = text_[at_];
      if (quote == '"' && c == '\\' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c;
      }
      out += c;
    }
    if (at_end()) {
      return wrong_template(fmt::format("a quote in '{}' has no end", text_));
    }
    next();
    return Operand{.kind = Operand::Kind::kLiteral, .literal = out};
  }

  Result<Operand> field() {
    Operand out;
    while (!at_end() && text_[at_] == '.') {
      const std::size_t begin = ++at_;
      while (!at_end() && is_word(text_[at_])) {
        ++at_;
      }
      if (at_ > begin) {
        out.path.emplace_back(text_.substr(begin, at_ - begin));
      }
    }
    skip();
    return out;
  }

  Result<Operand> number() {
    int value = 0;
    const auto [end, code] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (code != std::errc()) {
      return wrong_template(fmt::format("'{}' has a number that is none", text_));
    }
    at_ = static_cast<std::size_t>(end - text_.data());
    skip();
    return Operand{.kind = Operand::Kind::kLiteral, .literal = value};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

class Builder {
 public:
  explicit Builder(const std::vector<Piece>& pieces) : pieces_(pieces) {}

  Result<Nodes> all() {
    CMP_TRY(Nodes nodes, block());
    return ending_.empty() ? Result<Nodes>(std::move(nodes))
                           : wrong_template(fmt::format("'{{{{{}}}}}' ends nothing", ending_));
  }

 private:
  /// Up to the end, or to an `end` or `else`, which is in ending_ then, what follows it in rest_.
  Result<Nodes> block() {
    Nodes nodes;
    ending_.clear();
    while (at_ < pieces_.size()) {
      const Piece& piece = pieces_[at_++];
      if (!piece.action) {
        nodes.push_back({.kind = Node::Kind::kText, .text = piece.text});
        continue;
      }
      Reader ahead(piece.text);
      const std::string word = ahead.word();
      if (word == "end" || word == "else") {
        ending_ = word;
        rest_ = word == "else" ? piece.text.substr(piece.text.find("else") + 4) : "";
        return nodes;
      }
      CMP_TRY(Node node, action(piece.text, word));
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  Result<Node> action(const std::string& text, const std::string& word) {
    const bool opens = word == "if" || word == "range" || word == "with";
    const std::string what = opens ? text.substr(text.find(word) + word.size()) : text;
    if (what.find(":=") != std::string::npos || what.find('$') != std::string::npos) {
      return make_error(Code::kUnsupported, fmt::format("variables in templates ('{{{{{}}}}}')", text));
    }
    Node node{.kind = word == "if"      ? Node::Kind::kIf
                      : word == "range" ? Node::Kind::kRange
                      : word == "with"  ? Node::Kind::kWith
                                        : Node::Kind::kAction};
    Reader reader(what);
    CMP_TRY(node.pipeline, reader.pipeline(false));
    if (!opens) {
      return node;
    }
    CMP_TRY(node.body, block());
    if (ending_ == "else") {
      CMP_TRY(node.otherwise, otherwise());
    }
    if (ending_ != "end") {
      return wrong_template(fmt::format("'{{{{{}}}}}' has no '{{{{end}}}}'", text));
    }
    ending_.clear();
    return node;
  }

  /// `else`, and `else if …`, which needs no end of its own.
  Result<Nodes> otherwise() {
    const std::string rest = rest_;
    Reader ahead(rest);
    if (ahead.at_end()) {
      return block();
    }
    const std::string word = ahead.word();
    CMP_TRY(Node node, action(rest, word));
    ending_ = "end";
    Nodes nodes;
    nodes.push_back(std::move(node));
    return nodes;
  }

  const std::vector<Piece>& pieces_;
  std::size_t at_ = 0;
  std::string ending_, rest_;
};

}  // namespace

Result<std::vector<Node>> parse(std::string_view text) {
  CMP_TRY(const auto pieces, cut(text));
  return Builder(pieces).all();
}

}  // namespace cmp::cli::go_template
