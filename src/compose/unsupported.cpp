#include <algorithm>
#include <tuple>

#include <fmt/core.h>

#include "compose/attributes.hpp"
#include "compose/listing.hpp"
#include "compose/place.hpp"
#include "compose/schema_text.hpp"

namespace cmp::compose {
namespace {

bool matches(std::string_view text, std::string_view pattern) {
  return pattern.ends_with('*') ? text.starts_with(pattern.substr(0, pattern.size() - 1)) : text == pattern;
}

/// True if a value asks for nothing that is missing: it is empty, switches something off, or is one of those that work.
bool value_works(const Node& value, const Attribute& attribute) {
  if (value.is_scalar()) {
    const auto words = split_words(attribute.works);
    if (std::ranges::any_of(words, [&](std::string_view word) { return matches(value.scalar, word); })) {
      return true;
    }
    return value.scalar.empty() || (words.empty() && attribute.form == Form::kBool && value.scalar == "false");
  }
  return value.items.empty() && value.entries.empty();
}

class Search {
 public:
  explicit Search(std::vector<Warning>& found) : found_(found) {}

  void mapping(const Node& node, const Shape& shape, const Place& place) {
    for (const Entry& entry : node.entries) {
      const Shape* child = shape.key(entry.key);
      if (child == nullptr) {
        continue;
      }
      const Place below = place.at(entry.key);
      const Origin& origin = entry.key_origin.line > 0 ? entry.key_origin : entry.value.origin;
      if (!reported(entry.value, *child, below, origin)) {
        inside(entry.value, *child, below);
      }
    }
  }

 private:
  void inside(const Node& node, const Shape& shape, const Place& place) {
    mapping(node, shape, place);
    for (std::size_t i = 0; shape.item() != nullptr && i < node.items.size(); ++i) {
      inside(node.items[i], *shape.item(), place.at(i));
    }
  }

  bool reported(const Node& value, const Shape& shape, const Place& place, const Origin& origin) {
    const Attribute* attribute = shape.attribute();
    if (attribute == nullptr || attribute->support == Support::kHonoured || value_works(value, *attribute)) {
      return false;
    }
    if (attribute->support == Support::kConditional && attribute->works.empty()) {
      return false;
    }
    found_.push_back({origin.pos(), message(value, *attribute, place.text())});
    return true;
  }

  static std::string message(const Node& value, const Attribute& attribute, const std::string& place) {
    switch (attribute.support) {
      case Support::kRefused:
        return fmt::format("{} has no effect: {}", place, attribute.note);
      case Support::kConditional:
        return fmt::format("{} '{}' is not supported (supported: {})", place, value.scalar, attribute.note);
      case Support::kNotYet:
      case Support::kHonoured:
        break;
    }
    return fmt::format("{} is not supported yet: {}", place, attribute.note);
  }

  std::vector<Warning>& found_;
};

}  // namespace

std::vector<Warning> unsupported(const Node& tree) {
  std::vector<Warning> found;
  Search(found).mapping(tree, schema_root(), Place());
  std::ranges::stable_sort(found, [](const Warning& a, const Warning& b) {
    return std::tie(a.where.file, a.where.line, a.where.column) < std::tie(b.where.file, b.where.line, b.where.column);
  });
  return found;
}

}  // namespace cmp::compose
