// ${…} in every scalar value of a tree (compose-spec.md 2.3). Keys are left alone, and so are values that YAML reads
// as numbers or booleans: they can hold no dollar sign.

#include <algorithm>
#include <utility>

#include "compose/phases.hpp"
#include "compose/place.hpp"
#include "compose/substitute.hpp"

namespace cmp::compose {

namespace {

/// What the values of one tree may grow by, so that a small file can't become gigabytes.
constexpr std::size_t kMaxGrowthBytes = 64U << 20U;

class Interpolation {
 public:
  Interpolation(const Variables& variables, Problems& problems, const VariablePlaces& places)
      : problems_(problems), places_(places) {
    lookup_.value = [this, &variables](std::string_view name) { return noted(name, find(variables, name)); };
    lookup_.unset = [this](std::string_view name) { warn_unset(name); };
  }

  void walk(Node& node, const Place& place) {
    if (node.is_scalar()) {
      scalar(node, place);
    }
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      walk(node.items[i], place.at(i));
    }
    for (Entry& entry : node.entries) {
      walk(entry.value, place.at(entry.key));
    }
  }

 private:
  static std::optional<std::string> find(const Variables& variables, std::string_view name) {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? std::nullopt : std::optional<std::string>(it->second);
  }

  std::optional<std::string> noted(std::string_view name, std::optional<std::string> value) {
    if (problems_.explain) {
      const auto place = places_.find(std::string(name));
      notes_.push_back({Note::Kind::kVariable, std::string(name), place == places_.end() ? SourcePos() : place->second,
                        value.has_value()});
    }
    return value;
  }

  void scalar(Node& node, const Place& place) {
    if (!has_reference(node.scalar)) {
      return;
    }
    origin_ = &node.origin;
    notes_.clear();
    Result<std::string> value = substitute(node.scalar, lookup_);
    if (value) {
      grown_ += value->size();
    }
    if (!value || grown_ > kMaxGrowthBytes) {
      refuse(node, place, value ? "the values become too long" : value.error().message,
             !value && value.error().code == Code::kNotFound);
      return;
    }
    node.scalar = std::move(*value);
    node.style = ScalarStyle::kQuoted;  // what a variable holds is text, also "true" and "1"
    for (; !notes_.empty(); notes_.pop_back()) {
      node.origin.add_note(std::move(notes_.back()));
    }
  }

  void refuse(Node& node, const Place& place, const std::string& reason, bool variable_is_missing) {
    if (variable_is_missing && problems_.variables_missing) {
      node.health = Health::kWrong;  // the file that could not be read may have it
    } else {
      problems_.wrong(node, place.text() + ": " + reason);
    }
  }

  void warn_unset(std::string_view name) {
    std::string message = unset_message(name);
    if (std::ranges::find(problems_.warnings, message, &Warning::message) == problems_.warnings.end()) {
      problems_.warn(*origin_, std::move(message));
    }
  }

  Problems& problems_;
  const VariablePlaces& places_;
  std::vector<Note> notes_;  ///< on the variables of the value at hand
  Lookup lookup_;
  const Origin* origin_ = nullptr;
  std::size_t grown_ = 0;
};

}  // namespace

void interpolate(Node& tree, const Variables& variables, Problems& problems, const VariablePlaces& places) {
  Interpolation(variables, problems, places).walk(tree, Place());
  if (!problems.ok()) {
    remove_wrong(tree);
  }
}

}  // namespace cmp::compose
