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
  std::size_t start = 0;
  for (std::size_t dollar = 0; (dollar = text.find('$', start)) != std::string::npos; start = dollar + 1) {
    result.append(text, start, dollar + 1 - start);
    result += '$';
  }
  result.append(text, start);
  return result;
}

}  // namespace

std::string render_yaml(const Node& tree, Printing printing) {
  if (printing == Printing::kVerbatim) {
    return yaml_text(view_all(tree));
  }
  Printer printer(Output::kYaml);
  return with_doubled_dollars(yaml_text(printer.view(tree, schema_root())));
}

std::string render_json(const Node& tree, Printing printing) {
  if (printing == Printing::kVerbatim) {
    return json_text(view_all(tree), Layout::kIndented);
  }
  Printer printer(Output::kJson);
  View document = printer.view(tree, schema_root());
  if (document.find("services") == nullptr) {
    document.entries.push_back({"services", {}});
    document.entries.back().value.kind = Node::Kind::kMapping;
  }
  std::ranges::sort(document.entries, {}, &ViewEntry::key);
  return with_doubled_dollars(json_text(document, Layout::kIndented));
}

}  // namespace cmp::compose
