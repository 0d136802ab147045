#pragma once
// What is executed in a container: argv, environment, working directory.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "container/compile.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// The service's hostname, else the default one, else the first 12 digits of the id.
[[nodiscard]] std::string hostname_of(const model::Service& service, const Facts& facts);

/// Entrypoint and command. kInvalid: there is nothing to run.
[[nodiscard]] Result<std::vector<std::string>> argv_of(const model::Service& service);

/// PATH, HOSTNAME and, with a terminal, TERM; then the service's in order of their names. Later ones win; a variable
/// without a value is taken away. HOME comes later, from the container's passwd.
[[nodiscard]] Result<std::vector<std::string>> environment_of(const model::Service& service, const Facts& facts);

/// Sets `key` in a list of "KEY=VALUE", in its place if it is there.
void set_variable(std::vector<std::string>& environment, const std::string& key, const std::string& value);

/// The service's working directory, else "/"; clean and absolute.
[[nodiscard]] std::string working_dir_of(const model::Service& service);

}  // namespace cmp::container
