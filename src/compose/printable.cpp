#include "compose/printable.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

View empty_view(Node::Kind kind) {
  View view;
  view.kind = kind;
  return view;
}

View leaf(const Node& node) {
  View view = empty_view(node.kind);
  view.style = node.style;
  view.text = node.scalar;
  view.node = &node;
  return view;
}

View plain_view(std::string_view text) {
  View view = empty_view(Node::Kind::kScalar);
  view.text = text;
  return view;
}

bool is_false(const View& view) {
  return view.style == ScalarStyle::kPlain && view.text == "false";
}

/// True for what Go calls the zero value of the attribute.
bool is_empty(const View& view, Cast cast) {
  if (view.kind != Node::Kind::kScalar) {
    return view.items.empty() && view.entries.empty();
  }
  if (cast == Cast::kBytes || cast == Cast::kDuration) {
    return view.text == "0" || view.text == "0s";
  }
  switch (view.style == ScalarStyle::kPlain ? plain_type(view.text) : ScalarType::kString) {
    case ScalarType::kString:
      return view.text.empty();
    case ScalarType::kBool:
      return is_false(view);
    case ScalarType::kInteger:
    case ScalarType::kFloat:
      return plain_number(view.text) == 0;
    case ScalarType::kNull:
      break;
  }
  return true;
}

void sort_by_key(std::vector<ViewEntry>& entries, std::size_t from) {
  std::sort(entries.begin() + static_cast<std::ptrdiff_t>(from), entries.end(),
            [](const ViewEntry& a, const ViewEntry& b) { return a.key < b.key; });
}

void add_extensions(View& mapping, const Node& node) {
  const std::size_t first = mapping.entries.size();
  for (const Entry& entry : node.entries) {
    if (entry.key.starts_with("x-")) {
      mapping.entries.push_back({entry.key, view_all(entry.value)});
    }
  }
  sort_by_key(mapping.entries, first);
}

/// The entries whose keys the table knows, by their position in it.
std::vector<const Entry*> by_rank(const Node& node, const Shape& shape) {
  std::vector<const Entry*> ranked(shape.keys().size(), nullptr);
  for (const Entry& entry : node.entries) {
    const Shape* child = shape.key(entry.key);
    if (child != nullptr && child != shape.any()) {
      ranked[child->rank()] = &entry;
    }
  }
  return ranked;
}

const Attribute& attribute_of(const Shape& shape) {
  static constexpr Attribute kStructure{.form = Form::kMap, .printed = Printed::kGiven};
  return shape.attribute() == nullptr ? kStructure : *shape.attribute();
}

}  // namespace

void View::erase(std::string_view key) {
  std::erase_if(entries, [key](const ViewEntry& entry) { return entry.key == key; });
}

View* View::find(std::string_view key) {
  const auto found = std::ranges::find(entries, key, &ViewEntry::key);
  return found == entries.end() ? nullptr : &found->value;
}

View string_view_of(std::string_view text) {
  View view = plain_view(text);
  view.style = ScalarStyle::kQuoted;
  return view;
}

View view_all(const Node& node) {
  View view = leaf(node);
  for (const Entry& entry : node.entries) {
    view.entries.push_back({entry.key, view_all(entry.value)});
  }
  for (const Node& item : node.items) {
    view.items.push_back(view_all(item));
  }
  sort_by_key(view.entries, 0);
  return view;
}

View Printer::view(const Node& node, const Shape& shape) {
  const Form form = attribute_of(shape).form;
  if (node.is_mapping() && form == Form::kSsh) {
    return ssh_keys(node);
  }
  if (node.is_mapping()) {
    return shape.keys().empty() ? names(node, shape, form) : keys(node, shape);
  }
  View list = leaf(node);
  list.items.reserve(node.items.size());
  for (const Node& item : node.items) {
    list.items.push_back(shape.item() == nullptr ? view_all(item) : view(item, *shape.item()));
  }
  return list;
}

/// A mapping whose keys the table knows.
View Printer::keys(const Node& node, const Shape& shape) {
  View mapping = empty_view(Node::Kind::kMapping);
  mapping.node = &node;
  const auto ranked = by_rank(node, shape);
  mapping.entries.reserve(node.entries.size());
  for (const Shape::Key& key : shape.keys()) {
    const Entry* given = ranked[key.shape->rank()];
    if (given != nullptr && !given->value.is_null()) {
      add_given(mapping, given->value, key);
    } else {
      add_absent(mapping, key);
    }
  }
  if (&shape == &schema_root() || output_ == Output::kYaml) {
    add_extensions(mapping, node);
  }
  return mapping;
}

void Printer::add_given(View& mapping, const Node& given, const Shape::Key& key) {
  const Attribute& attribute = attribute_of(*key.shape);
  const bool hidden =
      attribute.printed == Printed::kNever || (attribute.printed == Printed::kYaml && output_ == Output::kJson);
  if (hidden) {
    return;
  }
  View printed = view(given, *key.shape);
  if (wanted(printed, attribute)) {
    const bool renamed = output_ == Output::kJson && !attribute.json_name.empty();
    mapping.entries.push_back({renamed ? attribute.json_name : key.name, std::move(printed)});
  }
}

void Printer::add_absent(View& mapping, const Shape::Key& key) {
  const Attribute& attribute = attribute_of(*key.shape);
  if (attribute.printed == Printed::kJson && output_ == Output::kJson) {
    static const Node nothing = [] {
      Node node;
      node.kind = Node::Kind::kMapping;
      return node;
    }();
    mapping.entries.push_back({key.name, attribute.form == Form::kMap ? view(nothing, *key.shape) : View()});
  }
}

bool Printer::wanted(const View& printed, const Attribute& attribute) const {
  const Cast cast = rule_of(attribute.form).cast;
  switch (attribute.printed) {
    case Printed::kGiven:
      return true;
    case Printed::kFalse:
      return is_false(printed);
    case Printed::kJson:
      return output_ == Output::kJson || printed.kind != Node::Kind::kMapping || !is_empty(printed, cast);
    case Printed::kFilled:
    case Printed::kYaml:
    case Printed::kNever:
      break;
  }
  return !is_empty(printed, cast);
}

/// A mapping whose keys the user chose.
View Printer::names(const Node& node, const Shape& shape, Form form) {
  View mapping = empty_view(Node::Kind::kMapping);
  mapping.node = &node;
  mapping.entries.reserve(node.entries.size());
  for (const Entry& entry : node.entries) {
    const Shape* child = shape.key(entry.key);
    const bool zero = form == Form::kUlimits && entry.value.is_scalar() && entry.value.scalar == "0";
    mapping.entries.push_back({entry.key, zero               ? no_limit_given()
                                          : child == nullptr ? view_all(entry.value)
                                                             : view(entry.value, *child)});
  }
  sort_by_key(mapping.entries, 0);
  return mapping;
}

/// Docker Compose can't tell a single limit of 0 from none.
View Printer::no_limit_given() const {
  View limit = empty_view(Node::Kind::kMapping);
  if (output_ == Output::kYaml) {
    limit.entries.push_back({"soft", plain_view("0")});
    limit.entries.push_back({"hard", plain_view("0")});
  }
  return limit;
}

View Printer::ssh_keys(const Node& node) {
  View list = empty_view(Node::Kind::kSequence);
  for (const Entry& entry : node.entries) {
    const bool has_path = entry.value.is_scalar() && !entry.value.scalar.empty();
    texts_.push_back(has_path ? fmt::format("{}={}", entry.key, entry.value.scalar) : entry.key);
    list.items.push_back(string_view_of(texts_.back()));
  }
  return list;
}

}  // namespace cmp::compose
