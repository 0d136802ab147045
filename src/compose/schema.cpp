#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/attributes.hpp"
#include "compose/expand.hpp"
#include "compose/phases.hpp"
#include "compose/place.hpp"
#include "compose/schema_text.hpp"

namespace cmp::compose {
namespace {

class SchemaCheck {
 public:
  SchemaCheck(Problems& problems, Scalars scalars) : problems_(problems), scalars_(scalars) {}

  /// What the container of a value says about it.
  struct Allowed {
    Kinds kinds = kind::kMapping;
    std::string_view words = "a mapping";
    std::string_view required;  ///< keys it must have, if it is a mapping
  };

  void visit(Node& node, const Shape& shape, const Allowed& from_container, const Place& place) {
    const Attribute* attribute = shape.attribute();
    Allowed allowed = from_container;
    if (attribute != nullptr) {
      const FormRule& rule = rule_of(attribute->form);
      allowed = {rule.kinds, rule.words, shape.keys().empty() ? std::string_view() : attribute->required};
    }
    if (!kind_fits(node, allowed, place)) {
      return;
    }
    if (attribute != nullptr && node.is_scalar()) {
      check_scalar(node, *attribute, place);
    }
    if (node.is_mapping()) {
      check_entries(node, shape, place);
      check_required(node, allowed.required, shape, place);
    } else if (node.is_sequence()) {
      check_items(node, shape, place);
    }
  }

 private:
  bool kind_fits(Node& node, const Allowed& allowed, const Place& place) {
    const Kinds kind = kind_of(node);
    if ((kind & allowed.kinds) != 0 || is_template(node, scalars_)) {
      return true;
    }
    problems_.wrong(node, wrong_kind(node, place.text(), allowed.kinds, allowed.words));
    return false;
  }

  void check_scalar(Node& node, const Attribute& attribute, const Place& place) {
    if (is_template(node, scalars_)) {
      return;
    }
    if (const auto wrong = wrong_scalar(node, attribute)) {
      problems_.wrong(node, fmt::format("{} {}", place.text(), *wrong));
    }
  }

  void check_required(Node& mapping, std::string_view required, const Shape& shape, const Place& place) {
    if (!mapping.is_complete() || problems_.files_missing) {
      return;
    }
    for (const std::string_view key : split_words(required)) {
      if (mapping.find(key) == nullptr && !is_misspelt_in(mapping, key, shape)) {
        problems_.wrong(mapping, fmt::format("{}: missing property '{}'", place.text(), key));
      }
    }
  }

  static bool is_misspelt_in(const Node& mapping, std::string_view key, const Shape& shape) {
    return std::ranges::any_of(mapping.entries, [&](const Entry& entry) {
      return entry.value.health == Health::kWrong && shape.key(entry.key) == nullptr &&
             meant_key(entry.key, shape) == key;
    });
  }

  void check_entries(Node& mapping, const Shape& shape, const Place& place) {
    const Attribute* attribute = shape.attribute();
    const FormRule& rule = rule_of(attribute == nullptr ? Form::kMap : attribute->form);
    const Allowed values{rule.values, kinds_words(rule.values), attribute == nullptr ? "" : attribute->required};
    for (Entry& entry : mapping.entries) {
      const Shape* child = shape.key(entry.key);
      if (!key_fits(entry, shape, child, place)) {
        continue;
      }
      if (child != nullptr) {
        visit(entry.value, *child, values, place.at(entry.key));
      } else if (rule.values != 0) {
        visit(entry.value, Shape(), values, place.at(entry.key));
      }
    }
  }

  /// True if the value under the key is worth looking at.
  bool key_fits(Entry& entry, const Shape& shape, const Shape* child, const Place& place) {
    const Attribute* attribute = shape.attribute();
    if (attribute != nullptr && attribute->pattern == Pattern::kNames && !is_name(entry.key)) {
      problems_.error(entry.key_origin, fmt::format("{}: '{}' is no valid name: use letters, digits, '.', '_' and '-'",
                                                    place.text(), entry.key));
    }
    if (child != nullptr || shape.keys().empty()) {
      return true;
    }
    if (!entry.key.starts_with("x-") || !takes_extensions(attribute)) {
      unknown_key(entry, shape, place);
    }
    return false;
  }

  /// The mappings of few attributes may not have keys with "x-".
  bool takes_extensions(const Attribute* attribute) const {
    return attribute == nullptr ? items_of_ != Form::kEnvFiles && items_of_ != Form::kIncludes
                                : attribute->form != Form::kExtends;
  }

  /// True if unknown keys in the elements of the list at hand only make a warning.
  bool has_open_items() const { return items_of_ == Form::kOpenMapList || items_of_ == Form::kGpus; }

  void unknown_key(Entry& entry, const Shape& shape, const Place& place) {
    const Attribute* attribute = shape.attribute();
    const bool open =
        attribute == nullptr ? place.above != nullptr && has_open_items() : attribute->form == Form::kOpenMap;
    std::string message = unknown_key_text(entry.key, shape, place.text());
    if (open) {
      problems_.warn(entry.key_origin, std::move(message));
    } else {
      problems_.error(entry.key_origin, std::move(message));
      entry.value.health = Health::kWrong;
    }
  }

  void check_items(Node& list, const Shape& shape, const Place& place) {
    const Attribute* attribute = shape.attribute();
    if (attribute == nullptr) {
      return;
    }
    const FormRule& rule = rule_of(attribute->form);
    const Allowed items{rule.items, kinds_words(rule.items), attribute->required};
    const Form outer = std::exchange(items_of_, rule.form);
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      visit(list.items[i], shape.item() == nullptr ? Shape() : *shape.item(), items, place.at(i));
    }
    items_of_ = outer;
    if (takes_each_once(rule.form)) {
      check_unique(list, place);
    }
  }

  static bool takes_each_once(Form form) {
    return form == Form::kUniqueStrings || form == Form::kDependencies || form == Form::kMemberships ||
           form == Form::kExtraHosts || form == Form::kEnvironment || form == Form::kLabels || form == Form::kTexts ||
           form == Form::kStringOrUniqueList;
  }

  void check_unique(Node& list, const Place& place) {
    std::set<std::pair<std::string_view, Kinds>> seen;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      if (list.items[i].is_scalar() && !seen.emplace(list.items[i].scalar, kind_of(list.items[i])).second) {
        problems_.wrong(list.items[i],
                        fmt::format("{}: '{}' is given twice", place.at(i).text(), list.items[i].scalar));
      }
    }
  }

  Problems& problems_;
  Scalars scalars_;
  Form items_of_ = Form::kMap;  ///< the form of the innermost list around
};

}  // namespace

void check_schema(Node& tree, Problems& problems, Scalars scalars) {
  if (!tree.is_mapping()) {
    problems.wrong(tree, "top-level object must be a mapping");
    return;
  }
  SchemaCheck(problems, scalars).visit(tree, schema_root(), {}, Place());
  if (!problems.ok()) {
    remove_wrong(tree);
  }
}

}  // namespace cmp::compose
