#include <fmt/core.h>

#include "compose/attributes.hpp"
#include "compose/casts.hpp"
#include "compose/expand.hpp"
#include "compose/phases.hpp"
#include "compose/place.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

class Canonicaliser {
 public:
  Canonicaliser(Problems& problems, Scalars scalars) : problems_(problems), scalars_(scalars) {}

  void visit(Node& node, const Shape& shape, const Place& place) {
    const Attribute* attribute = shape.attribute();
    const FormRule& rule = rule_of(attribute == nullptr ? Form::kMap : attribute->form);
    if (attribute != nullptr) {
      expand(node, rule.form, place, problems_, scalars_);
      cast(node, rule.cast, rule.kinds, rule, place);
    }
    for (Entry& entry : node.entries) {
      const Place below = place.at(entry.key);
      const Shape* child = shape.key(entry.key);
      if (entry.value.is_scalar() && rule.element_cast != Cast::kNone) {
        cast(entry.value, rule.element_cast, rule.values, rule, below);
      } else if (child != nullptr) {
        visit(entry.value, *child, below);
      }
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (shape.item() != nullptr) {
        visit(node.items[i], *shape.item(), place.at(i));
      } else {
        cast(node.items[i], rule.element_cast, rule.items, rule, place.at(i));
      }
    }
    fold_external(node, shape, place);
  }

 private:
  /// Leaves alone what is not of one of the `kinds`: the schema check names it.
  void cast(Node& node, Cast cast, Kinds kinds, const FormRule& rule, const Place& place) {
    if (cast != Cast::kNone && scalars_ == Scalars::kFinal && (kind_of(node) & kinds) != 0) {
      cast_scalar(node, cast, rule.words, place, problems_);
    }
  }

  /// The deprecated `external: {name: x}` becomes `external: true` and `name: x`.
  void fold_external(Node& resource, const Shape& shape, const Place& place) {
    Node* external = resource.find("external");
    if (external == nullptr || !external->is_mapping()) {
      return;
    }
    const Shape* known = shape.key("external");
    if (known == nullptr || known->attribute() == nullptr || known->attribute()->form != Form::kExternal) {
      return;
    }
    Node* name = external->find("name");
    Node old = name == nullptr ? Node() : std::move(*name);
    *external = plain_node("true", external->origin);
    if (name != nullptr) {
      adopt_name(resource, std::move(old), place);
    }
  }

  void adopt_name(Node& resource, Node old, const Place& place) {
    problems_.warn(old.origin,
                   fmt::format("{}: external.name is deprecated, set name and 'external: true' instead", place.text()));
    const Node* name = resource.find("name");
    if (name == nullptr) {
      append_entry(resource, "name", std::move(old));
    } else if (name->scalar != old.scalar) {
      problems_.error(old.origin, fmt::format("{}: name and external.name conflict; only use name", place.text()));
    }
  }

  Problems& problems_;
  Scalars scalars_;
};

}  // namespace

void canonicalise(Node& tree, Problems& problems, Scalars scalars) {
  Canonicaliser(problems, scalars).visit(tree, schema_root(), Place());
  if (!problems.ok()) {
    remove_wrong(tree);
  }
}

}  // namespace cmp::compose
