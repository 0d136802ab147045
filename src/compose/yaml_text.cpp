#include "compose/yaml_text.hpp"

#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

constexpr std::size_t kStep = 2;

class Writer {
 public:
  /// Writes a value after "key:" or "-"; mappings and lists start on the next line, unless they are `inline_first`.
  void after_key(const Node& node, std::size_t indent) {
    if (is_block(node)) {
      text_ += '\n';
      block(node, indent, false);
    } else {
      text_ += ' ';
      leaf(node, indent);
    }
  }

  /// Writes a mapping or a list, its lines indented; the first line may have its indentation already.
  void block(const Node& node, std::size_t indent, bool first_is_indented) {
    for (const Entry& entry : node.entries) {
      start_line(indent, first_is_indented);
      text_ += yaml_string(entry.key, 0);
      text_ += ':';
      after_key(entry.value, indent + kStep);
    }
    for (const Node& item : node.items) {
      start_line(indent, first_is_indented);
      text_ += '-';
      after_dash(item, indent + kStep);
    }
  }

  void document(const Node& node) {
    if (is_block(node)) {
      block(node, 0, false);
    } else {
      leaf(node, kStep);
    }
  }

  std::string take() { return std::move(text_); }

 private:
  static bool is_block(const Node& node) { return !node.entries.empty() || !node.items.empty(); }

  void start_line(std::size_t indent, bool& indented) {
    if (!indented) {
      text_.append(indent, ' ');
    }
    indented = false;
  }

  void after_dash(const Node& item, std::size_t indent) {
    text_ += ' ';
    if (is_block(item)) {
      block(item, indent, true);
    } else {
      leaf(item, indent);
    }
  }

  void leaf(const Node& node, std::size_t indent) {
    if (node.is_mapping()) {
      text_ += "{}";
    } else if (node.is_sequence()) {
      text_ += "[]";
    } else if (node.is_null() || scalar_type(node) == ScalarType::kNull) {
      text_ += "null";
    } else if (scalar_type(node) == ScalarType::kString) {
      text_ += yaml_string(node.scalar, indent);
    } else {
      text_ += scalar_text(node);
    }
    text_ += '\n';
  }

  std::string text_;
};

}  // namespace

std::string yaml_text(const Node& tree) {
  Writer writer;
  writer.document(tree);
  return writer.take();
}

}  // namespace cmp::compose
