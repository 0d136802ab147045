#pragma once
// Where in the file a key of a service was written, for errors of the compiler.

#include <string>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// The place of `key` ("security_opt"), else of the service.
[[nodiscard]] inline const SourcePos& position(const model::Service& service, const std::string& key) {
  const auto it = service.positions.find(key);
  return it == service.positions.end() ? service.where : it->second;
}

/// An error about `key` of the service, with its place.
[[nodiscard]] inline Error blame(const model::Service& service, const std::string& key, Code code,
                                 const std::string& message) {
  return make_error(code, message).context(key).context("service '" + service.name + "'").at(position(service, key));
}

}  // namespace cmp::container
