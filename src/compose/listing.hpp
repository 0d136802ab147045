#pragma once
// What `cmp config --services`, `--volumes` and the like print (compose-cli.md 2.3): names for the command line to put
// on lines of their own, and ready texts where there is a layout. Everything is sorted where order means nothing.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "compose/load.hpp"
#include "compose/node.hpp"
#include "compose/printable.hpp"
#include "compose/variables.hpp"
#include "model/project.hpp"

namespace cmp::compose {

/// Every service after all it depends on; among those that are ready at the same time, by name.
[[nodiscard]] std::vector<std::string> services_in_order(const model::Project& project);

/// Keys of the top-level elements, as written in the file.
[[nodiscard]] std::vector<std::string> volume_names(const model::Project& project);
[[nodiscard]] std::vector<std::string> network_names(const model::Project& project);
[[nodiscard]] std::vector<std::string> model_names(const Node& tree);

/// The image of each service, `project-service` where it has none, sorted. What two services share is there twice.
[[nodiscard]] std::vector<std::string> image_names(const model::Project& project);

/// All profiles that services have. Services that are switched off are not in a loaded tree: load with profile "*".
[[nodiscard]] std::vector<std::string> profile_names(const Node& tree);

/// "service hash" for each of the services that `selection` names: `*`, or names with commas between. A name that is
/// no service is an error.
[[nodiscard]] Result<std::vector<std::string>> hash_lines(const model::Project& project, const std::string& selection);

/// "NAME=value" for each variable.
[[nodiscard]] std::vector<std::string> environment_lines(const std::map<std::string, std::string>& environment);

/// The table NAME, REQUIRED, DEFAULT VALUE, ALTERNATE VALUE, with a newline behind each row.
[[nodiscard]] std::string variable_table(const std::vector<VariableUse>& uses);

/// The same as a mapping of names to {DefaultValue, Name, PresenceValue, Required}. Docker Compose has these keys in
/// lower case in YAML.
[[nodiscard]] Node variable_tree(const std::vector<VariableUse>& uses, Output output);

/// Each attribute in the canonical tree that `up` does not honour, or not with this value: for a warning with its
/// place.
[[nodiscard]] std::vector<Warning> unsupported(const Node& tree);

}  // namespace cmp::compose
