#include "compose/forms.hpp"

#include <array>
#include <vector>

#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

using kind::kBoolean, kind::kFraction, kind::kList, kind::kMapping, kind::kNull, kind::kNumeric, kind::kScalar,
    kind::kText, kind::kWhole;

// In the order of the enumeration.
constexpr std::array kRules{
    FormRule{Form::kString, "a string", kText},
    FormRule{Form::kNullableString, "a string or null", kText | kNull},
    FormRule{Form::kBool, "true or false", kBoolean | kText, 0, 0, Cast::kBool},
    FormRule{Form::kBoolOrText, "a boolean or a string", kBoolean | kText, 0, 0, Cast::kText},
    FormRule{Form::kInteger, "a whole number", kWhole | kText, 0, 0, Cast::kInteger},
    FormRule{Form::kNumber, "a number", kNumeric | kText, 0, 0, Cast::kNumber},
    FormRule{Form::kMicroseconds, "a number of microseconds, or a duration", kNumeric | kText, 0, 0,
             Cast::kMicroseconds},
    FormRule{Form::kBytes, "a size such as 67108864 or 64m", kNumeric | kText, 0, 0, Cast::kBytes},
    FormRule{Form::kByteString, "a size as a string, such as 64m", kText, 0, 0, Cast::kBytes},
    FormRule{Form::kDuration, "a duration such as 1m30s", kText, 0, 0, Cast::kDuration},
    FormRule{Form::kFileMode, "a file mode such as 0440", kNumeric | kText, 0, 0, Cast::kFileMode},
    FormRule{Form::kTmpfsMode, "a file mode such as 1777", kNumeric | kText, 0, 0, Cast::kTmpfsMode},
    FormRule{Form::kPublished, "a port or a range of ports", kWhole | kText, 0, 0, Cast::kText},
    FormRule{Form::kCount, "a whole number or 'all'", kWhole | kText, 0, 0, Cast::kCount},
    FormRule{Form::kCommand, "a string, a list of strings, or null", kText | kList | kNull, kText},
    FormRule{Form::kProbe, "a string or a list of strings", kText | kList, kText},
    FormRule{Form::kStrings, "a list of strings", kList, kText},
    FormRule{Form::kUniqueStrings, "a list of different strings", kList, kText},
    FormRule{Form::kTexts, "a list of strings or numbers", kList, kText | kNumeric, 0, Cast::kNone, Cast::kText},
    FormRule{Form::kStringOrList, "a string or a list of strings", kText | kList, kText},
    FormRule{Form::kStringOrUniqueList, "a string or a list of different strings", kText | kList, kText},
    FormRule{Form::kLabels, "a mapping or a list of KEY=VALUE", kMapping | kList, kText, kScalar | kNull, Cast::kNone,
             Cast::kText},
    FormRule{Form::kEnvironment, "a mapping or a list of KEY=VALUE", kMapping | kList, kText, kScalar | kNull,
             Cast::kNone, Cast::kText},
    FormRule{Form::kOptions, "a mapping of strings or numbers", kMapping, 0, kText | kNumeric | kNull, Cast::kNone,
             Cast::kText},
    FormRule{Form::kStringMap, "a mapping of strings", kMapping, 0, kText, Cast::kNone, Cast::kText},
    FormRule{Form::kExtraHosts, "a mapping of hosts to addresses or a list of HOST=IP", kMapping | kList, kText,
             kText | kList},
    FormRule{Form::kSsh, "a mapping or a list of ID=PATH", kMapping | kList, kText, kScalar | kNull, Cast::kNone,
             Cast::kText},
    FormRule{Form::kProviderOptions, "a mapping of scalars or lists", kMapping, 0, kScalar | kList, Cast::kNone,
             Cast::kText},
    FormRule{Form::kUlimits, "a mapping of names to a number or to {soft, hard}", kMapping, 0,
             kWhole | kText | kMapping, Cast::kNone, Cast::kInteger},
    FormRule{Form::kMap, "a mapping", kMapping},
    FormRule{Form::kNullableMap, "a mapping or null", kMapping | kNull},
    FormRule{Form::kOpenMap, "a mapping", kMapping},
    FormRule{Form::kExternal, "true or false", kBoolean | kText | kMapping, 0, 0, Cast::kBool},
    FormRule{Form::kNamedMaps, "a mapping of names to mappings", kMapping, 0, kMapping},
    FormRule{Form::kNamedNullableMaps, "a mapping of names to mappings or null", kMapping, 0, kMapping | kNull},
    FormRule{Form::kMapList, "a list of mappings", kList, kMapping},
    FormRule{Form::kOpenMapList, "a list of mappings", kList, kMapping},
    FormRule{Form::kGpus, "'all' or a list of mappings", kText | kList, kMapping},
    FormRule{Form::kBuild, "a string (the context) or a mapping", kText | kMapping},
    FormRule{Form::kExtends, "a string (the service) or a mapping", kText | kMapping},
    FormRule{Form::kIncludes, "a list of strings or mappings", kList, kText | kMapping},
    FormRule{Form::kEnvFiles, "a string, or a list of strings or mappings", kText | kList, kText | kMapping},
    FormRule{Form::kGrants, "a list of strings or mappings", kList, kText | kMapping},
    // The schema says "number", and then Docker Compose takes no 80.0.
    FormRule{Form::kPorts, "a list of whole numbers, strings or mappings", kList, kWhole | kText | kMapping},
    FormRule{Form::kMounts, "a list of strings or mappings", kList, kText | kMapping},
    FormRule{Form::kDevices, "a list of strings or mappings", kList, kText | kMapping},
    FormRule{Form::kDependencies, "a list of names, or a mapping of names to mappings", kMapping | kList, kText,
             kMapping},
    FormRule{Form::kMemberships, "a list of names, or a mapping of names to mappings or null", kMapping | kList | kNull,
             kText, kMapping | kNull},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (kRules[i].form != static_cast<Form>(i)) {
      return false;
    }
  }
  return true;
}

static_assert(in_order() && kRules.size() == static_cast<std::size_t>(Form::kMemberships) + 1);

}  // namespace

const FormRule& rule_of(Form form) {
  return kRules[static_cast<std::size_t>(form)];
}

Kinds kind_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull:
      return kNull;
    case Node::Kind::kSequence:
      return kList;
    case Node::Kind::kMapping:
      return kMapping;
    case Node::Kind::kScalar:
      break;
  }
  switch (scalar_type(node)) {
    case ScalarType::kNull:
      return kNull;
    case ScalarType::kBool:
      return kBoolean;
    case ScalarType::kInteger:
      return kWhole;
    case ScalarType::kFloat:
      return kFraction;
    case ScalarType::kString:
      break;
  }
  return kText;
}

std::string kinds_text(Kinds kinds) {
  std::vector<std::string_view> words;
  const auto add = [&](Kinds bits, std::string_view word) {
    if ((kinds & bits) == bits) {
      kinds = static_cast<Kinds>(kinds & ~bits);
      words.push_back(word);
    }
  };
  add(kText, "a string");
  add(kNumeric, "a number");
  add(kWhole, "a whole number");
  add(kFraction, "a number");
  add(kBoolean, "a boolean");
  add(kList, "a list");
  add(kMapping, "a mapping");
  add(kNull, "null");
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += i == 0 ? "" : i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

}  // namespace cmp::compose
