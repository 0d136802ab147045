#include "compose/yaml_text.hpp"

#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

constexpr std::size_t kStep = 2;

class Writer {
 public:
  /// Writes a value after "key:" or "-"; mappings and lists start on the next line, unless they are `inline_first`.
  void after_key(const View& view, std::size_t indent) {
    if (is_block(view)) {
      text_ += '\n';
      block(view, indent, false);
    } else {
      text_ += ' ';
      leaf(view, indent);
    }
  }

  /// Writes a mapping or a list, its lines indented; the first line may have its indentation already.
  void block(const View& view, std::size_t indent, bool first_is_indented) {
    for (const ViewEntry& entry : view.entries) {
      start_line(indent, first_is_indented);
      text_ += yaml_string(entry.key, 0);
      text_ += ':';
      after_key(entry.value, indent + kStep);
    }
    for (const View& item : view.items) {
      start_line(indent, first_is_indented);
      text_ += '-';
      after_dash(item, indent + kStep);
    }
  }

  void document(const View& view) {
    if (is_block(view)) {
      block(view, 0, false);
    } else {
      leaf(view, kStep);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  static bool is_block(const View& view) { return !view.entries.empty() || !view.items.empty(); }

  void start_line(std::size_t indent, bool& indented) {
    if (!indented) {
      text_.append(indent, ' ');
    }
    indented = false;
  }

  void after_dash(const View& item, std::size_t indent) {
    text_ += ' ';
    if (is_block(item)) {
      block(item, indent, true);
    } else {
      leaf(item, indent);
    }
  }

  void leaf(const View& view, std::size_t indent) {
    if (view.kind == Node::Kind::kScalar) {
      scalar(view, indent);
    } else {
      text_ += view.kind == Node::Kind::kMapping ? "{}" : view.kind == Node::Kind::kSequence ? "[]" : "null";
    }
    text_ += '\n';
  }

  void scalar(const View& view, std::size_t indent) {
    const ScalarType type = view.style == ScalarStyle::kPlain ? plain_type(view.text) : ScalarType::kString;
    if (type == ScalarType::kNull) {
      text_ += "null";
    } else if (type == ScalarType::kString) {
      text_ += yaml_string(view.text, indent);
    } else {
      text_ += plain_text(view.text);
    }
  }

  std::string text_;
};

}  // namespace

std::string yaml_text(const View& tree) {
  Writer writer;
  writer.document(tree);
  return writer.take();
}

}  // namespace cmp::compose
