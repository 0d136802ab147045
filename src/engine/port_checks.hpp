#pragma once
// What can't be published, said before anything is made.

#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::engine {

/// Ports of a protocol that nobody has, or that this kernel or its packet filter can't lead to a container. Asks the
/// kernel only about protocols that are not everywhere (SCTP).
[[nodiscard]] std::vector<Error> port_errors(const model::Service& service);

}  // namespace cmp::engine
