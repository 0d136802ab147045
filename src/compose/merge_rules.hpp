#pragma once
// Which attribute is merged how, and the forms that two values are brought into before (compose-spec.md 2.6).

#include <string_view>
#include <vector>

#include "compose/node.hpp"

namespace cmp::compose {

enum class MergeRule {
  kByType,        ///< scalars replace, mappings merge, sequences append
  kReplace,       ///< the later value as a whole, also null
  kKeyValues,     ///< mapping or list of KEY=VALUE, by key
  kStringList,    ///< string or list, appended
  kHosts,         ///< mapping or list of host=ip, appended without repetitions
  kBuild,         ///< string or mapping
  kDependencies,  ///< list or mapping of services
  kNames,         ///< list or mapping of names
  kLogging,       ///< merged only for the same driver
  kSubnets,       ///< list of pools, by subnet
};

[[nodiscard]] MergeRule merge_rule(const std::vector<std::string_view>& path);

/// A list of KEY=VALUE becomes a mapping, a bare KEY one to null. False, and nothing done, if there is something else.
bool key_value_mapping(Node& node);

/// Null, a string or a list to a list; anything else stays.
[[nodiscard]] Node as_list(Node node);
/// The same, a mapping to sorted `key=value` strings.
[[nodiscard]] Node as_host_list(Node node);
/// A string to {context: string}.
[[nodiscard]] Node build_mapping(Node node);
/// A list to a mapping: of names to the default condition, or to null.
[[nodiscard]] Node dependency_mapping(Node node);
[[nodiscard]] Node name_mapping(Node node);

}  // namespace cmp::compose
