#pragma once
// Which filter of system calls a service gets.

#include <string>

#include "base/result.hpp"
#include "container/launch_spec.hpp"
#include "model/project.hpp"
#include "seccomp/library.hpp"

namespace cmp::engine {

/// The filter of the service's profile for its capabilities; no filter where it is unconfined. `known_key` is what the
/// container got when it was first started ("" is never): that one stays, whatever has become of the profile's file.
/// Errors name the profile and have the place in the compose file.
[[nodiscard]] Result<seccomp::Kept> choose_filter(seccomp::Library& library, const model::Service& service,
                                                  std::uint64_t available_capabilities, const std::string& known_key);

/// The same as data for init.
[[nodiscard]] container::SeccompFilter as_launch_data(const seccomp::Filter& filter);

}  // namespace cmp::engine
