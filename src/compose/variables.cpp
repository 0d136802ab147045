#include "compose/variables.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <utility>

#include "compose/reference.hpp"

namespace cmp::compose {
namespace {

/// Deeper ones are refused when values are put in.
constexpr int kMaxNestedVariables = 64;

void find_variables(std::string_view text, int nesting, std::vector<VariableUse>& uses);

/// What a reference says of its variable, and the variables in its word.
void add_reference(const Reference& reference, int nesting, std::vector<VariableUse>& uses) {
  VariableUse use{.name = std::string(reference.name)};
  if (reference.op == '-') {
    use.default_value = reference.word;
  } else if (reference.op == '+') {
    use.alternate_value = reference.word;
  }
  use.required = reference.op == '?';
  uses.push_back(std::move(use));
  find_variables(reference.word, nesting + 1, uses);
}

void find_variables(std::string_view text, int nesting, std::vector<VariableUse>& uses) {
  if (nesting > kMaxNestedVariables) {
    return;
  }
  ReferenceReader references(text);
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at)) {
    if (text.substr(at).starts_with("${")) {
      const std::optional<Reference> reference = references.braced(at);
      if (reference) {
        add_reference(*reference, nesting, uses);
      }
      at = reference ? reference->end : at + 2;
      continue;
    }
    const std::string_view name = variable_name_at(text.substr(at + 1));
    if (!name.empty()) {
      uses.push_back({.name = std::string(name)});
    }
    at += text.substr(at).starts_with("$$") ? 2 : 1 + name.size();
  }
}

void collect(const Node& node, std::map<std::string, VariableUse>& found) {
  if (node.is_scalar()) {
    for (VariableUse& use : variables_in_text(node.scalar)) {
      use.where = node.origin.pos();
      const auto [known, fresh] = found.emplace(use.name, use);
      VariableUse& all = known->second;
      all.required = all.required || use.required;
      all.default_value = all.default_value.empty() ? use.default_value : all.default_value;
      all.alternate_value = all.alternate_value.empty() ? use.alternate_value : all.alternate_value;
    }
  }
  for (const Entry& entry : node.entries) {
    collect(entry.value, found);
  }
  for (const Node& item : node.items) {
    collect(item, found);
  }
}

}  // namespace

std::vector<VariableUse> variables_in_text(std::string_view text) {
  std::vector<VariableUse> uses;
  find_variables(text, 0, uses);
  return uses;
}

std::vector<VariableUse> variables_in(const Node& tree) {
  std::map<std::string, VariableUse> found;
  collect(tree, found);
  std::vector<VariableUse> uses;
  for (auto& [name, use] : found) {
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace cmp::compose
