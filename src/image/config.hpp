#pragma once
// An image's configuration (image-spec config.md), and what it means for a service that uses the image. Pure.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "image/digest.hpp"
#include "image/platform.hpp"
#include "model/project.hpp"

namespace cmp::image {

struct ImageConfig {
  Platform platform;
  std::string created;  ///< RFC 3339, "" if it does not say
  std::vector<std::string> entrypoint, command, env;
  std::string user, working_dir, stop_signal;
  std::vector<std::string> exposed;  ///< "6379/tcp", sorted
  std::vector<std::string> volumes;  ///< paths, sorted
  std::map<std::string, std::string> labels;
  std::optional<model::HealthCheck> healthcheck;
  std::vector<Digest> diff_ids;  ///< of the uncompressed layers, the base first
};

/// kInvalid: it is no configuration of an image that runs on Linux.
[[nodiscard]] Result<ImageConfig> parse_config(std::string_view text);

/// Fills in what the service leaves to its image: program, environment, user, directory, stop signal, health check,
/// exposed ports, labels; a volume of the image that the service mounts nothing on becomes an anonymous one. Docker's
/// rules: an entrypoint of the service drops the image's command.
/// \returns warnings: what an image may not say (labels of Compose or cmp).
[[nodiscard]] std::vector<std::string> apply_defaults(const ImageConfig& config, model::Service& service);

}  // namespace cmp::image
