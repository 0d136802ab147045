#pragma once
// --scale SERVICE=NUMBER. Pure.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::cli {

/// Sets the number of containers of each service that is named. Errors: kInvalid, no "SERVICE=NUMBER" or a service
/// whose containers have one name; kNotFound, no such service.
[[nodiscard]] Status apply_scale(model::Project& project, const std::vector<std::string>& scale);

/// The services of "SERVICE=NUMBER", as far as they are such.
[[nodiscard]] std::vector<std::string> scaled_services(const std::vector<std::string>& scale);

}  // namespace cmp::cli
