#include <algorithm>

#include "compose/json_text.hpp"
#include "compose/phases.hpp"
#include "compose/printable.hpp"
#include "compose/yaml_text.hpp"

namespace cmp::compose {
namespace {

std::string with_doubled_dollars(const std::string& text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    result.append(c == '$' ? 2 : 1, c);
  }
  return result;
}

}  // namespace

std::string render_yaml(const Node& tree, Printing printing) {
  if (printing == Printing::kVerbatim) {
    return yaml_text(sorted_copy(tree));
  }
  return with_doubled_dollars(yaml_text(printable(tree, schema_root(), Output::kYaml)));
}

std::string render_json(const Node& tree, Printing printing) {
  if (printing == Printing::kVerbatim) {
    return json_text(sorted_copy(tree), Layout::kIndented);
  }
  Node document = printable(tree, schema_root(), Output::kJson);
  if (document.find("services") == nullptr) {
    document["services"].kind = Node::Kind::kMapping;
  }
  std::ranges::sort(document.entries, {}, &Entry::key);
  return with_doubled_dollars(json_text(document, Layout::kIndented));
}

}  // namespace cmp::compose
