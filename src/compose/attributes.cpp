#include "compose/attributes.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <vector>

#include "compose/attribute_rows.hpp"

namespace cmp::compose {

namespace {

/// Most names differ in length, so that few are compared letter by letter.
bool shorter_first(std::string_view a, std::string_view b) {
  return a.size() == b.size() ? a < b : a.size() < b.size();
}

}  // namespace

/// The rows as a tree, built once: a look-up is then one step a key, without building path strings.
class ShapeTree {
 public:
  ShapeTree() {
    for (const auto group : attribute_groups()) {
      for (const Attribute& row : group) {
        add(row);
      }
    }
    seal(root_);
  }

  [[nodiscard]] const Shape& root() const { return root_.shape; }

 private:
  struct Draft {
    Shape shape;
    std::vector<std::pair<std::string_view, Draft*>> children;
    std::vector<Shape::Key> keys, sorted;
  };

  Draft& child(Draft& parent, std::string_view name) {
    const auto found = std::ranges::find(parent.children, name, &std::pair<std::string_view, Draft*>::first);
    if (found != parent.children.end()) {
      return *found->second;
    }
    drafts_.emplace_back();
    parent.children.emplace_back(name, &drafts_.back());
    return drafts_.back();
  }

  void add(const Attribute& row) {
    Draft* at = &root_;
    std::string_view rest = row.path;
    while (!rest.empty()) {
      std::string_view step = rest.substr(0, rest.find('.'));
      rest.remove_prefix(std::min(step.size() + 1, rest.size()));
      const bool item = step.ends_with("[]");
      step.remove_suffix(item ? 2 : 0);
      at = &child(*at, step);
      at = item ? &child(*at, "[]") : at;
    }
    at->shape.attribute_ = &row;
  }

  static void seal(Draft& draft) {
    for (auto& [name, below] : draft.children) {
      seal(*below);
      if (name == "[]") {
        draft.shape.item_ = &below->shape;
      } else if (name == "*") {
        draft.shape.any_ = &below->shape;
      } else {
        below->shape.rank_ = draft.keys.size();
        draft.keys.push_back({name, &below->shape});
      }
    }
    draft.sorted = draft.keys;
    std::ranges::sort(draft.sorted, shorter_first, &Shape::Key::name);
    draft.shape.keys_ = draft.keys;
    draft.shape.sorted_ = draft.sorted;
  }

  Draft root_;
  std::deque<Draft> drafts_;
};

const Shape* Shape::key(std::string_view key) const {
  const auto found = std::ranges::lower_bound(sorted_, key, shorter_first, &Key::name);
  if (found != sorted_.end() && found->name == key) {
    return found->shape;
  }
  return any_;
}

const Shape& schema_root() {
  static const ShapeTree tree;
  return tree.root();
}

const Shape* find_shape(std::string_view path) {
  const Shape* at = &schema_root();
  while (at != nullptr && !path.empty()) {
    std::string_view step = path.substr(0, path.find('.'));
    path.remove_prefix(std::min(step.size() + 1, path.size()));
    const bool item = step.ends_with("[]");
    step.remove_suffix(item ? 2 : 0);
    at = at->key(step);
    at = item && at != nullptr ? at->item() : at;
  }
  return at;
}

const Attribute* find_attribute(std::string_view path) {
  const Shape* shape = find_shape(path);
  return shape == nullptr ? nullptr : shape->attribute();
}

std::span<const std::span<const Attribute>> attribute_groups() {
  static const std::array groups{rows::top_level(), rows::service(), rows::service_mappings(),
                                 rows::build(),     rows::deploy(),  rows::resources()};
  return groups;
}

}  // namespace cmp::compose
