#pragma once
// What a service's own definition says wrong of how it is stopped, looked after and logged.

#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"

namespace cmp::engine {

/// stop_signal, healthcheck and logging; the socket that a log driver sends to has to be there. Each with its place.
[[nodiscard]] std::vector<Error> life_errors(const model::Service& service);

}  // namespace cmp::engine
