// YAML text → trees, after bytes that are no text have been refused.

#include <string>
#include <utility>

#include <fmt/core.h>

#include "compose/phases.hpp"
#include "compose/scalar.hpp"
#include "compose/text_check.hpp"
#include "compose/yaml_parser.hpp"

namespace cmp::compose {

namespace {

constexpr std::size_t kMaxFileBytes = 16U << 20U;

std::string with_unix_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else if (i + 1 == text.size() || text[i + 1] != '\n') {
      out += '\n';
    }
  }
  return out;
}

/// Plain `null`, `~` and the like are no values. Only here, for a key or a tag may still have made text of them.
void settle_nulls(Node& node) {
  if (node.is_scalar() && node.style == ScalarStyle::kPlain && plain_type(node.scalar) == ScalarType::kNull) {
    node.kind = Node::Kind::kNull;
    node.scalar.clear();
  }
  for (Node& item : node.items) {
    settle_nulls(item);
  }
  for (Entry& entry : node.entries) {
    settle_nulls(entry.value);
  }
}

}  // namespace

Result<std::vector<Node>> read_yaml(std::string_view text, const std::string& file) {
  if (text.size() > kMaxFileBytes) {
    return make_error(Code::kInvalid, fmt::format("{} bytes are too many, the limit is {}", text.size(), kMaxFileBytes))
        .at({file, 0, 0});
  }
  text = without_bom(text);
  CMP_CHECK(check_text(text, file));
  std::string converted;
  if (text.find('\r') != std::string_view::npos) {
    converted = with_unix_line_ends(text);
    text = converted;
  }
  CMP_TRY(std::vector<Node> documents, YamlParser(text, file).run());
  for (Node& document : documents) {
    settle_nulls(document);
  }
  return documents;
}

}  // namespace cmp::compose
