#pragma once
// The images of a project's services: fetched as their pull_policy says, then written into the services.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/options.hpp"
#include "image/policy.hpp"
#include "image/reference.hpp"
#include "image/store.hpp"
#include "model/project.hpp"

namespace cmp::cli {

struct ImageSetup {
  std::optional<model::PullPolicy> policy;  ///< --pull; none is each service's own
  std::vector<std::string> services;        ///< whose images; empty is all
  bool no_deps = false;                     ///< not those of what they depend on
  bool build = false, no_build = false;
  bool quiet = false, quiet_build = false;
  bool tls_verify = true;
  bool dry_run = false;  ///< fetch nothing; say what would be
};

/// Where a service mounts an image: a volume of type image.
struct ImageMount {
  std::string service;
  std::size_t index = 0;  ///< in Service::volumes
};

/// One image that services of the project use.
struct NeededImage {
  image::Reference reference;
  image::Platform platform;
  std::vector<std::string> services;  ///< whose image it is
  std::vector<ImageMount> mounts;

  [[nodiscard]] std::string label() const { return reference.familiar(); }
};

/// The image of a service; one that is only built is called project-service. Errors have the place in the file.
[[nodiscard]] Result<NeededImage> image_of(const Context& context, const model::Project& project,
                                           const model::Service& service);

/// The image of a volume of type image, for the platform that is the default.
[[nodiscard]] Result<NeededImage> image_of(const Context& context, const model::Project& project,
                                           const model::Service& service, const model::Mount& mount);

/// What the options of `up`, `create` and `run` ask for. kInvalid: no such policy, or options that exclude each other.
[[nodiscard]] Result<ImageSetup> image_setup_of(const Context& context, const ImageChoices& choices,
                                                std::vector<std::string> services);

/// Fetches and builds what has to be, and fills in every service from its image. \returns a hold on the store: nothing
/// is collected until it is closed. All failures at once.
[[nodiscard]] Result<UniqueFd> set_up_images(const Context& context, model::Project& project, const ImageSetup& setup);

}  // namespace cmp::cli
