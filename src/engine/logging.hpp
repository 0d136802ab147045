#pragma once
// `logging:` of a service, as Docker's drivers understand it. Pure.

#include <optional>

#include "base/result.hpp"
#include "model/project.hpp"
#include "state/log_store.hpp"

namespace cmp::engine {

/// What is kept of each stream: json-file and local by `max-size` (decimal units, "10m") and `max-file`, by default
/// five files of 20 MB; nothing for the driver none. Errors: kUnsupported for another driver, kInvalid for an option
/// that is wrong or that the driver does not have.
[[nodiscard]] Result<std::optional<state::LogBounds>> log_bounds(const model::Logging& logging);

}  // namespace cmp::engine
