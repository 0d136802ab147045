#pragma once
// What the options of `run` make of a service. Pure, but for --env-from-file.

#include <map>
#include <string>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "model/project.hpp"

namespace cmp::cli {

/// The options that the compose file has a form for (-e, -v, -p), as YAML to be merged over it; "" if there are none.
/// \param environment  of this process, for names in an --env-from-file without a value
[[nodiscard]] Result<std::string> run_overrides(const RunOptions& options,
                                                const std::map<std::string, std::string>& environment);

/// Adds the one-off service to the project, under the name of its container, with everything else that the options say.
/// Errors: kNotFound, no such service; kInvalid, a label without a value, an entrypoint with an open quote.
[[nodiscard]] Status add_one_off(model::Project& project, const RunOptions& options, const std::string& container,
                                 bool terminal);

}  // namespace cmp::cli
