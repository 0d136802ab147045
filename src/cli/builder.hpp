#pragma once
// `build:` by the program buildah, into our store. Nothing of Docker is needed.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "image/reference.hpp"
#include "model/project.hpp"

namespace cmp::cli {

struct BuildRequest {
  std::vector<std::string> services;        ///< those to build
  std::map<std::string, std::string> args;  ///< --build-arg, on top of the file's
  std::vector<std::string> ssh;             ///< --ssh
  bool no_cache = false, pull = false, quiet = false;
};

/// Where a build keeps what it needs.
struct BuildPlaces {
  std::string storage, run;  ///< buildah's own store and scratch directory
  std::string dockerfile;    ///< the one to use
  std::string policy;        ///< --signature-policy; "" is the system's
};

/// The arguments of `buildah` for a service's image of this name. Pure; `environment` is the caller's, for arguments
/// without a value. Errors: a secret that is not there.
[[nodiscard]] Result<std::vector<std::string>> buildah_arguments(const model::Project& project,
                                                                 const model::Service& service, const std::string& name,
                                                                 const BuildPlaces& places, const BuildRequest& request,
                                                                 const std::map<std::string, std::string>& environment);

/// The services in an order in which each comes after those whose images it builds on (additional_contexts:
/// service:x). kInvalid: a circle.
[[nodiscard]] Result<std::vector<std::string>> build_order(const model::Project& project,
                                                           const std::vector<std::string>& services);

/// Builds them, one after the other, and gives the images their names in the store. Errors have the place in the file;
/// without buildah they say what to install.
[[nodiscard]] Status build_images(const Context& context, const model::Project& project, const BuildRequest& request);

}  // namespace cmp::cli
