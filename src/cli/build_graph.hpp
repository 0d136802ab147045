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

/// additional_contexts: "service:NAME" → NAME; "" for any other context.
[[nodiscard]] std::string context_service(const std::string& context);

/// These services and whatever is built of those that they, or those again, name in additional_contexts.
[[nodiscard]] std::vector<std::string> with_context_services(const model::Project& project,
                                                             std::vector<std::string> services);

/// What each needs of the others: by its base images and by additional_contexts (service:x). kInvalid: a circle.
[[nodiscard]] Result<BuildNeeds> build_needs(const model::Project& project,
                                             const std::map<std::string, Buildable>& buildables);

}  // namespace cmp::cli
