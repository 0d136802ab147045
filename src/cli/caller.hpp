#pragma once
// Who called: the one behind sudo, if there is one.

#include <map>
#include <optional>
#include <string>

#include "model/project.hpp"

namespace cmp::cli {

/// Who has called sudo (sudo(8)); nobody else is known to be behind root.
[[nodiscard]] std::optional<model::HostOwner> sudo_caller(const std::map<std::string, std::string>& environment);

/// Says of every mount with `x-owner: me` who that is.
void name_owners(const std::map<std::string, std::string>& environment, model::Project& project);

}  // namespace cmp::cli
