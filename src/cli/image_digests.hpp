#pragma once
// `config --resolve-image-digests`: names that may move become digests, which may not.

#include "base/result.hpp"
#include "cli/context.hpp"
#include "compose/load.hpp"

namespace cmp::cli {

/// Writes into the image of each service the digest that its registry or layout has under the name now; of one that may
/// not be fetched, or is built here, the digest that the store has. Whole names, as Docker Compose writes them:
/// docker.io/library/redis:7@sha256:… All failures at once, each with its place.
[[nodiscard]] Status pin_images(const Context& context, compose::Loaded& loaded, bool tls_verify);

/// Leaves services, and of each its image; those without one go, too.
void keep_images_only(compose::Node& tree);

}  // namespace cmp::cli
