#pragma once
// services.*.env_file and services.*.label_file: the files are read and their variables put below what the service
// itself says (compose-spec.md 2.4, 2.5).

#include "compose/node.hpp"
#include "compose/phases.hpp"

namespace cmp::compose {

/// Reads the env files of every service of a canonical tree into `environment`, then drops `env_file`. `variables` are
/// the project's: references inside the files see them first. A missing file is an error unless `required: false`.
void resolve_env_files(Node& tree, const Variables& variables, Problems& problems);

/// The same for `label_file` and `labels`.
void resolve_label_files(Node& tree, Problems& problems);

}  // namespace cmp::compose
