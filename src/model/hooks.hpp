#pragma once
// The containers that pre_start hooks run in (spec: pre_start): each is a service of its own, made from the one that
// waits for it.

#include <string>

#include "model/project.hpp"

namespace cmp::model {

/// "shop-web-pre_start-0"; that of a hook with per_replica ends with the replica's number.
/// \param number  of the replica; 0 is all of them
[[nodiscard]] std::string hook_container(const std::string& project, const std::string& service, std::size_t index,
                                         int number);

/// Fills in `project.hooks` from the services. What an image says is not in there yet.
void add_hooks(Project& project);

/// The project with its hooks among its services, by the names of their containers.
[[nodiscard]] Project with_hooks(Project project);

}  // namespace cmp::model
