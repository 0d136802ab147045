#include "compose/core_tag.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/base64.hpp"
#include "compose/scalar.hpp"
#include "compose/text_check.hpp"

namespace cmp::compose {

namespace {

constexpr std::string_view kCore = "tag:yaml.org,2002:";

struct TypeName {
  std::string_view tag;
  ScalarType type;
};

constexpr std::array kCoreTypes = {TypeName{"null", ScalarType::kNull}, TypeName{"bool", ScalarType::kBool},
                                   TypeName{"int", ScalarType::kInteger}, TypeName{"float", ScalarType::kFloat}};

Status decode_binary(Node& node) {
  const auto data = from_base64(node.scalar);
  if (!data) {
    return make_error(Code::kInvalid, "behind !!binary stands no base64");
  }
  if (!check_utf8(*data, "")) {
    return make_error(Code::kInvalid, "what this !!binary encodes is no text, and no attribute takes anything else");
  }
  node.scalar = *data;
  return {};
}

}  // namespace

Status apply_core_tag(Node& node, std::string_view tag) {
  if (!tag.starts_with(kCore)) {
    return {};
  }
  tag.remove_prefix(kCore.size());
  if (tag == "binary") {
    return decode_binary(node);
  }
  const auto* wanted = std::ranges::find(kCoreTypes, tag, &TypeName::tag);
  if (wanted == kCoreTypes.end()) {
    return {};
  }
  node.style = ScalarStyle::kPlain;
  const ScalarType type = plain_type(node.scalar);
  const bool fits = type == wanted->type || (wanted->type == ScalarType::kFloat && type == ScalarType::kInteger);
  return fits ? Status() : make_error(Code::kInvalid, fmt::format("'{}' is no !!{}", node.scalar, tag));
}

}  // namespace cmp::compose
