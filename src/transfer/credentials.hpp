#pragma once
// Who we are at a registry: Docker's configuration file and its credential helpers.

#include <optional>
#include <string>

#include "base/result.hpp"

namespace cmp::transfer {

struct Credentials {
  std::string user, password;
  std::string identity_token;  ///< an OAuth2 refresh token instead of a password
};

/// What $DOCKER_CONFIG/config.json, ~/.docker/config.json or $REGISTRY_AUTH_FILE says for this registry; nothing if
/// they say nothing. Errors: a helper that is configured cannot be run, or the file is no JSON.
[[nodiscard]] Result<std::optional<Credentials>> credentials_for(const std::string& registry);

/// The same out of the text of a configuration file; `helper` is set to the helper to be asked instead, if any. Pure.
[[nodiscard]] Result<std::optional<Credentials>> credentials_in(const std::string& text, const std::string& registry,
                                                                std::string& helper);

}  // namespace cmp::transfer
