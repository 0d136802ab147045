#pragma once
// What is known before the first compose file is opened: the environment with its env files, the files' names, the
// project directory, the profiles (compose-spec.md 2.2, 2.4, 2.13).

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "compose/load.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

struct Setup {
  Variables environment;
  std::vector<std::string> files;  ///< absolute, or "-" for standard input; empty if none was found
  std::string directory;           ///< the project directory, absolute
  std::vector<std::string> profiles;
  std::string given_name;  ///< by -p or COMPOSE_PROJECT_NAME, "" if neither
  std::vector<Warning> warnings;
  VariablePlaces variable_places;  ///< if LoadOptions::explain
  std::vector<Error> errors;       ///< of env files: their other variables are there
  bool compatibility = false;      ///< names of Compose 1
};

/// Errors: an invalid project name, a COMPOSE_ switch that is neither on nor off. That no file was found is none.
[[nodiscard]] Result<Setup> find_setup(const LoadOptions& options);

/// Adds what the env files define to the environment, which wins; a later file wins over an earlier one. The error has
/// all that is wrong in all files, what is right is added all the same.
[[nodiscard]] Status read_env_files(const std::vector<std::string>& files, Variables& environment,
                                    std::vector<Warning>& warnings, VariablePlaces* places = nullptr);

/// `path` against `directory`, `~` against `home`, without `.`, `..` and double slashes.
[[nodiscard]] std::string absolute_path(const std::string& directory, std::string_view path,
                                        const std::string& home = {});
[[nodiscard]] std::string parent_directory(const std::string& path);

/// True if there is something that is no directory.
[[nodiscard]] bool is_file(const std::string& path);

/// Lower case, letters, digits, `_` and `-`; starts with a letter or a digit.
[[nodiscard]] std::string normalised_project_name(std::string_view name);

}  // namespace cmp::compose
