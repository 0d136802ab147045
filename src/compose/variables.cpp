#include "compose/variables.hpp"

#include <cctype>
#include <map>

namespace cmp::compose {
namespace {

bool starts_name(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool continues_name(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

std::string_view name_at(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && (length == 0 ? starts_name(text[0]) : continues_name(text[length]))) {
    ++length;
  }
  return text.substr(0, length);
}

/// The position of the brace that closes the one before `text`; its size if there is none.
std::size_t closing_brace(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] == '{') {
      ++depth;
    } else if (text[i] == '}' && depth-- == 0) {
      return i;
    }
  }
  return text.size();
}

/// What follows the name inside the braces: an operator of one or two characters, and a word.
void apply_operator(std::string_view rest, VariableUse& use) {
  const std::string_view operation = rest.substr(rest.starts_with(':') ? 1 : 0);
  if (operation.empty()) {
    return;
  }
  const std::string_view word = operation.substr(1);
  if (operation[0] == '-') {
    use.default_value = word;
  } else if (operation[0] == '+') {
    use.alternate_value = word;
  } else if (operation[0] == '?') {
    use.required = true;
  }
}

void append(std::vector<VariableUse>& uses, std::vector<VariableUse> more) {
  for (VariableUse& use : more) {
    uses.push_back(std::move(use));
  }
}

/// Reads `NAME...}` behind "${" and returns how much of the text that is.
std::size_t braced(std::string_view text, std::vector<VariableUse>& uses) {
  const std::size_t end = closing_brace(text);
  const std::string_view inside = text.substr(0, end);
  const std::string_view name = name_at(inside);
  if (!name.empty()) {
    VariableUse use{.name = std::string(name)};
    const std::string_view rest = inside.substr(name.size());
    apply_operator(rest, use);
    uses.push_back(std::move(use));
    append(uses, variables_in_text(rest));
  }
  return end;
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
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] != '$') {
      continue;
    }
    ++i;
    if (text[i] == '{') {
      i += braced(text.substr(i + 1), uses) + 1;
    } else if (const std::string_view name = name_at(text.substr(i)); !name.empty()) {
      uses.push_back({.name = std::string(name)});
      i += name.size() - 1;
    }
  }
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
