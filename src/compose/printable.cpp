#include "compose/printable.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "compose/expand.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

bool is_empty(const Node& node, Cast cast) {
  if (!node.is_scalar()) {
    return node.items.empty() && node.entries.empty();
  }
  if (cast == Cast::kBytes || cast == Cast::kDuration) {
    return node.scalar == "0" || node.scalar == "0s";
  }
  switch (scalar_type(node)) {
    case ScalarType::kString:
      return node.scalar.empty();
    case ScalarType::kBool:
      return scalar_text(node) == "false";
    case ScalarType::kInteger:
    case ScalarType::kFloat:
      return plain_number(node.scalar) == 0;
    case ScalarType::kNull:
      break;
  }
  return true;
}

class Printer {
 public:
  explicit Printer(Output output) : output_(output) {}

  Node value(const Node& node, const Shape& shape) {
    const Attribute* attribute = shape.attribute();
    const Form form = attribute == nullptr ? Form::kMap : attribute->form;
    if (node.is_mapping() && form == Form::kSsh) {
      return ssh_keys(node);
    }
    if (node.is_mapping()) {
      return shape.keys().empty() ? names(node, shape, form) : keys(node, shape);
    }
    if (!node.is_sequence()) {
      return node;
    }
    Node list = empty_list(node.origin);
    list.items.reserve(node.items.size());
    for (const Node& item : node.items) {
      list.items.push_back(shape.item() == nullptr ? item : value(item, *shape.item()));
    }
    return list;
  }

 private:
  /// A mapping whose keys the table knows.
  Node keys(const Node& node, const Shape& shape) {
    Node mapping = empty_mapping(node.origin);
    for (const Shape::Key& key : shape.keys()) {
      print_key(mapping, node.find(key.name), key);
    }
    const bool document = &shape == &schema_root();
    if (document || output_ == Output::kYaml) {
      add_extensions(mapping, node);
    }
    return mapping;
  }

  void print_key(Node& mapping, const Node* given, const Shape::Key& key) {
    const Attribute* attribute = key.shape->attribute();
    const Printed when = attribute == nullptr ? Printed::kGiven : attribute->printed;
    if (when == Printed::kNever || (when == Printed::kYaml && output_ == Output::kJson)) {
      return;
    }
    const bool has_value = given != nullptr && !given->is_null();
    if (!has_value && when == Printed::kJson && output_ == Output::kJson) {
      const bool structure = attribute->form == Form::kMap;
      append(mapping, key, structure ? value(empty_mapping({}), *key.shape) : Node());
    } else if (has_value) {
      Node printed = value(*given, *key.shape);
      if (wanted(printed, *given, when, rule_of(attribute == nullptr ? Form::kMap : attribute->form).cast)) {
        append(mapping, key, std::move(printed));
      }
    }
  }

  bool wanted(const Node& printed, const Node& given, Printed when, Cast cast) const {
    switch (when) {
      case Printed::kGiven:
        return true;
      case Printed::kFalse:
        return scalar_text(given) == "false";
      case Printed::kJson:
        return output_ == Output::kJson || !given.is_mapping() || !is_empty(printed, cast);
      case Printed::kFilled:
      case Printed::kYaml:
      case Printed::kNever:
        break;
    }
    return !is_empty(printed, cast);
  }

  void append(Node& mapping, const Shape::Key& key, Node printed) const {
    const Attribute* attribute = key.shape->attribute();
    const bool renamed = output_ == Output::kJson && attribute != nullptr && !attribute->json_name.empty();
    append_entry(mapping, std::string(renamed ? attribute->json_name : key.name), std::move(printed));
  }

  static void add_extensions(Node& mapping, const Node& node) {
    const std::size_t first = mapping.entries.size();
    for (const Entry& entry : node.entries) {
      if (entry.key.starts_with("x-")) {
        append_entry(mapping, entry.key, sorted_copy(entry.value));
      }
    }
    std::sort(mapping.entries.begin() + static_cast<std::ptrdiff_t>(first), mapping.entries.end(),
              [](const Entry& a, const Entry& b) { return a.key < b.key; });
  }

  /// A mapping whose keys the user chose.
  Node names(const Node& node, const Shape& shape, Form form) {
    Node mapping = empty_mapping(node.origin);
    mapping.entries.reserve(node.entries.size());
    for (const Entry& entry : node.entries) {
      const Shape* child = shape.key(entry.key);
      if (form == Form::kUlimits && entry.value.is_scalar() && entry.value.scalar == "0") {
        append_entry(mapping, entry.key, no_limit_given(entry.value.origin));
      } else {
        append_entry(mapping, entry.key, child == nullptr ? sorted_copy(entry.value) : value(entry.value, *child));
      }
    }
    std::ranges::sort(mapping.entries, {}, &Entry::key);
    return mapping;
  }

  /// Docker Compose can't tell a single limit of 0 from none.
  [[nodiscard]] Node no_limit_given(const Origin& origin) const {
    Node limit = empty_mapping(origin);
    if (output_ == Output::kYaml) {
      append_entry(limit, "soft", plain_node("0", origin));
      append_entry(limit, "hard", plain_node("0", origin));
    }
    return limit;
  }

  static Node ssh_keys(const Node& node) {
    Node list = empty_list(node.origin);
    for (const Entry& entry : node.entries) {
      const bool has_path = entry.value.is_scalar() && !entry.value.scalar.empty();
      list.items.push_back(
          string_node(has_path ? fmt::format("{}={}", entry.key, entry.value.scalar) : entry.key, entry.value.origin));
    }
    return list;
  }

  Output output_;
};

}  // namespace

Node printable(const Node& node, const Shape& shape, Output output) {
  return Printer(output).value(node, shape);
}

Node sorted_copy(const Node& node) {
  Node copy = node;
  std::ranges::sort(copy.entries, {}, &Entry::key);
  for (Entry& entry : copy.entries) {
    entry.value = sorted_copy(entry.value);
  }
  for (Node& item : copy.items) {
    item = sorted_copy(item);
  }
  return copy;
}

}  // namespace cmp::compose
