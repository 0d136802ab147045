#pragma once
// Which build comes after which. Pure.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::cli {

/// A service that is built: its image, and those its Dockerfile begins with or copies from (Reference::str()).
struct Buildable {
  std::string image;
  std::set<std::string> bases;
};

/// By service: the services whose images must be there before.
using BuildNeeds = std::map<std::string, std::set<std::string>>;

/// What each needs of the others: by its base images and by additional_contexts (service:x). kInvalid: a circle.
[[nodiscard]] Result<BuildNeeds> build_needs(const model::Project& project,
                                             const std::map<std::string, Buildable>& buildables);

}  // namespace cmp::cli
