#include "compose/json_text.hpp"

#include <cmath>
#include <string_view>

#include <fmt/core.h>

#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

class Writer {
 public:
  explicit Writer(Layout layout) : indented_(layout == Layout::kIndented) {}

  void value(const Node& node) {
    switch (node.kind) {
      case Node::Kind::kNull:
        text_ += "null";
        break;
      case Node::Kind::kScalar:
        scalar(node);
        break;
      case Node::Kind::kSequence:
        elements(node.items, '[', ']', [this](const Node& item) { value(item); });
        break;
      case Node::Kind::kMapping:
        elements(node.entries, '{', '}', [this](const Entry& entry) {
          quoted(entry.key);
          text_ += indented_ ? ": " : ":";
          value(entry.value);
        });
        break;
    }
  }

  std::string take() { return std::move(text_); }

 private:
  template <typename Elements, typename Write>
  void elements(const Elements& all, char open, char close, Write write) {
    text_ += open;
    ++depth_;
    bool first = true;
    for (const auto& element : all) {
      text_ += first ? "" : ",";
      first = false;
      new_line();
      write(element);
    }
    --depth_;
    if (!first) {
      new_line();
    }
    text_ += close;
  }

  void new_line() {
    if (indented_) {
      text_ += '\n';
      text_.append(2 * depth_, ' ');
    }
  }

  void scalar(const Node& node) {
    const ScalarType type = scalar_type(node);
    const bool finite =
        type == ScalarType::kInteger || (type == ScalarType::kFloat && std::isfinite(plain_number(node.scalar)));
    if (type == ScalarType::kNull) {
      text_ += "null";
    } else if (finite || type == ScalarType::kBool) {
      text_ += scalar_text(node);
    } else {
      quoted(node.scalar);
    }
  }

  void quoted(std::string_view text) {
    text_ += '"';
    for (std::size_t i = 0; i < text.size(); ++i) {
      const std::string_view rest = text.substr(i);
      if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
        text_ += rest.starts_with("\u2028") ? "\\u2028" : "\\u2029";
        i += 2;
      } else {
        character(text[i]);
      }
    }
    text_ += '"';
  }

  void character(char c) {
    switch (c) {
      case '"':
        text_ += "\\\"";
        break;
      case '\\':
        text_ += "\\\\";
        break;
      case '\n':
        text_ += "\\n";
        break;
      case '\r':
        text_ += "\\r";
        break;
      case '\t':
        text_ += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&' || c == 0x7f) {
          text_ += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        } else {
          text_ += c;
        }
    }
  }

  std::string text_;
  std::size_t depth_ = 0;
  bool indented_;
};

}  // namespace

std::string json_text(const Node& tree, Layout layout) {
  Writer writer(layout);
  writer.value(tree);
  return writer.take();
}

}  // namespace cmp::compose
