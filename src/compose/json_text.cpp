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

  void value(const View& view) {
    switch (view.kind) {
      case Node::Kind::kNull:
        text_ += "null";
        break;
      case Node::Kind::kScalar:
        scalar(view);
        break;
      case Node::Kind::kSequence:
        elements(view.items, '[', ']', [this](const View& item) { value(item); });
        break;
      case Node::Kind::kMapping:
        elements(view.entries, '{', '}', [this](const ViewEntry& entry) {
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

  void scalar(const View& view) {
    const ScalarType type = view.style == ScalarStyle::kPlain ? plain_type(view.text) : ScalarType::kString;
    const bool finite = type != ScalarType::kFloat || std::isfinite(plain_number(view.text));
    if (type == ScalarType::kNull) {
      text_ += "null";
    } else if (type != ScalarType::kString && finite) {
      text_ += plain_text(view.text);
    } else {
      quoted(view.text);
    }
  }

  void quoted(std::string_view text) {
    text_ += '"';
    std::size_t start = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!is_special(text[i])) {
        continue;
      }
      text_.append(text, start, i - start);
      const std::string_view rest = text.substr(i);
      if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
        text_ += rest.starts_with("\u2028") ? "\\u2028" : "\\u2029";
        i += 2;
      } else {
        character(text[i]);
      }
      start = i + 1;
    }
    text_.append(text, start);
    text_ += '"';
  }

  /// True for what may have to be escaped; 0xe2 starts the line and paragraph separators of Unicode.
  static bool is_special(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f || byte == 0xe2 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
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

std::string json_text(const View& tree, Layout layout) {
  Writer writer(layout);
  writer.value(tree);
  return writer.take();
}

}  // namespace cmp::compose
