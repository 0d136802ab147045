#pragma once
// The front door of compose/: files and environment in, a Project (and the canonical tree that `cmp config` prints)
// out. Loading reads files only; it never writes, prints, or looks at the kernel.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "compose/node.hpp"
#include "model/project.hpp"

namespace cmp::compose {

/// Where env files define the variables that come from them.
using VariablePlaces = std::map<std::string, SourcePos>;

/// What the command line and the process say. Empty fields mean "not given": then COMPOSE_* variables, then `.env`,
/// then the defaults of the specification decide, in that order (compose-spec.md 2.2, 2.4).
struct LoadOptions {
  std::string cwd;                                 ///< absolute, as $PWD shows it
  std::map<std::string, std::string> environment;  ///< the process's
  std::vector<std::string> files;                  ///< -f, "-" is standard input
  std::vector<std::string> env_files;              ///< --env-file
  std::vector<std::string> profiles;               ///< --profile
  std::vector<std::string> services;  ///< the ones named on the command line: they activate their own profiles
  std::string project_name;           ///< -p
  std::string project_directory;      ///< --project-directory
  std::function<Result<std::string>()> read_stdin;  ///< called once, for `-f -`
  bool interpolate = true;
  bool normalize = true;
  bool resolve_paths = true;
  bool check_consistency = true;
  bool resolve_env_files = true;
  bool all_resources = false;
  bool hashes = true;          ///< fill in config_hash, which takes a seventh of the time
  bool explain = false;        ///< origins in the tree shall have notes
  bool only_services = false;  ///< leave out every service that is neither in `services` nor needed by one of them
};

/// Something the user should know that does not stop the load.
struct Warning {
  SourcePos where;
  std::string message;
};

struct Loaded {
  Node tree;                                       ///< canonical form, services disabled by profiles left out
  model::Project project;                          ///< the same, typed
  std::vector<std::string> disabled_services;      ///< by profiles
  std::vector<std::string> files;                  ///< the ones that were read, absolute, in order
  std::map<std::string, std::string> environment;  ///< what interpolation saw
  VariablePlaces variable_places;                  ///< of those from env files, if asked to explain
  std::vector<Warning> warnings;
};

/// Loads the project. On failure the error carries every independent problem in `others`, each with its place, and
/// `of_failure` gets the warnings: a variable that isn't set may be why there is an error.
[[nodiscard]] Result<Loaded> load(const LoadOptions& options, std::vector<Warning>* of_failure = nullptr);

/// Finds the project's name without needing valid files, for commands such as `down -p` and `ps` (compose-cli.md 1,
/// "Whether the Compose file is loaded"): -p, COMPOSE_PROJECT_NAME, the file's `name:`, the directory's base name.
[[nodiscard]] Result<std::string> project_name(const LoadOptions& options);

}  // namespace cmp::compose
