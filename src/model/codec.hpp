#pragma once
// A Project as JSON text and back: what `up` hands to the supervisor and what it keeps under the state directory. Not
// the output of `cmp config`, which compose/ prints.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::model {

[[nodiscard]] std::string encode(const Project& project);
[[nodiscard]] Result<Project> decode_project(std::string_view text);

}  // namespace cmp::model
