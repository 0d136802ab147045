#pragma once
// What a value may look like. A form says which kinds of YAML node an attribute takes, what its elements may be, and
// how a scalar is cast to the canonical tree; the attribute table names one form for each path.

#include <cstdint>
#include <string>
#include <string_view>

#include "compose/node.hpp"

namespace cmp::compose {

enum class Form : std::uint8_t {
  kString,
  kNullableString,
  kBool,
  kBoolOrText,  ///< kept as text, "true" included
  kInteger,
  kNumber,
  kMicroseconds,  ///< a number, or a duration that becomes one
  kBytes,
  kByteString,  ///< a size that has to be written as a string
  kDuration,
  kFileMode,   ///< strings are octal; kept as "0440"
  kTmpfsMode,  ///< the same, kept as a number
  kPublished,  ///< a port or a range of ports, kept as text
  kCount,      ///< a number, or `all`
  kCommand,
  kProbe,
  kStrings,
  kUniqueStrings,  ///< duplicates are an error: no merge removes them
  kTexts,          ///< strings or numbers, kept as strings
  kStringOrList,
  kStringOrUniqueList,
  kLabels,       ///< a map or a list of KEY=VALUE; no value is ""
  kEnvironment,  ///< the same; no value is null
  kOptions,
  kStringMap,
  kExtraHosts,
  kSsh,
  kProviderOptions,
  kUlimits,
  kMap,  ///< a mapping with the keys that the table lists
  kNullableMap,
  kOpenMap,    ///< further keys pass with a warning
  kExternal,   ///< a boolean, or the deprecated {name: ...}
  kNamedMaps,  ///< names the user chose, each with a mapping
  kNamedNullableMaps,
  kMapList,
  kOpenMapList,
  kGpus,
  kBuild,
  kExtends,
  kIncludes,
  kEnvFiles,
  kGrants,
  kPorts,
  kMounts,
  kDevices,
  kDependencies,
  kMemberships,  ///< a list of names, or names with a mapping or null
};

/// A set of kinds of value.
using Kinds = std::uint8_t;

namespace kind {
inline constexpr Kinds kNull = 1, kBoolean = 2, kWhole = 4, kFraction = 8, kText = 16, kList = 32, kMapping = 64;
inline constexpr Kinds kNumeric = kWhole | kFraction;
inline constexpr Kinds kScalar = kBoolean | kNumeric | kText;
}  // namespace kind

/// How a scalar becomes canonical.
enum class Cast : std::uint8_t {
  kNone,
  kText,
  kBool,
  kInteger,
  kNumber,
  kMicroseconds,
  kBytes,
  kDuration,
  kFileMode,
  kTmpfsMode,
  kCount,
};

struct FormRule {
  Form form = Form::kString;
  std::string_view words;  ///< "a string, or a list of strings": for messages and for the manual
  Kinds kinds = 0;         ///< of the value itself
  Kinds items = 0;         ///< of its elements, if it is a list
  Kinds values = 0;        ///< of its values, if it is a mapping with free keys
  Cast cast = Cast::kNone;
  Cast element_cast = Cast::kNone;  ///< of elements and of values
};

[[nodiscard]] const FormRule& rule_of(Form form);

/// The kind of a node, one bit.
[[nodiscard]] Kinds kind_of(const Node& node);

/// "a string, a list or a mapping".
[[nodiscard]] std::string kinds_text(Kinds kinds);

}  // namespace cmp::compose
