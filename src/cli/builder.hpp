#pragma once
// `build:` by the program buildah, into our store. Nothing of Docker is needed. Base images come through our own client
// and store, and what is run during a build runs in our own OCI runtime.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "model/project.hpp"

namespace cmp::cli {

struct BuildRequest {
  std::vector<std::string> services;        ///< those to build
  std::map<std::string, std::string> args;  ///< --build-arg, on top of the file's
  std::vector<std::string> ssh;             ///< --ssh
  std::optional<Bytes> memory;              ///< --memory: of each step
  bool no_cache = false, pull = false, quiet = false;
  bool every_platform = false;  ///< of build.platforms; else the one that would run here
};

/// Where builds keep what they need.
struct BuildPlaces {
  std::string storage, run;  ///< buildah's own store and scratch directory
  std::string policy;        ///< --signature-policy; "" is the system's
  std::string runtime;       ///< the OCI runtime
};

/// One image to be built.
struct BuildTarget {
  std::string name;                          ///< Reference::str()
  std::string platform;                      ///< "" is this machine's
  std::string dockerfile;                    ///< a file, or a name within a context that buildah fetches
  std::string id_file;                       ///< gets the image's id
  bool named = true;                         ///< other builds find it by its name
  std::map<std::string, std::string> bases;  ///< base images by their names in the Dockerfile: buildah's ids
};

/// The arguments of `buildah` for a service's image. Pure; `environment` is the caller's, for arguments without a
/// value. Errors: a secret that is not there, a network that builds do not have.
[[nodiscard]] Result<std::vector<std::string>> buildah_arguments(const model::Project& project,
                                                                 const model::Service& service,
                                                                 const BuildTarget& target, const BuildPlaces& places,
                                                                 const BuildRequest& request,
                                                                 const std::map<std::string, std::string>& environment);

/// Builds them, as many at the same time as there are processors, each after those whose images it builds on, and gives
/// the images their names in the store. Errors have the place in the file; without buildah they say what to install.
[[nodiscard]] Status build_images(const Context& context, const model::Project& project, const BuildRequest& request);

}  // namespace cmp::cli
