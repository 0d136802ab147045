#pragma once
// An `up` of a generation: the project as it was then, with the images of then, and secrets and configs as they are
// now.

#include <vector>

#include "base/unique_fd.hpp"
#include "cli/context.hpp"
#include "supervisor/generations.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::cli {

struct GenerationRequest {
  supervisor::Request request;
  UniqueFd granted;  ///< the bytes of secrets and configs
};

/// Says on standard error which contents are not those of then. Errors: one of them is not there any more.
[[nodiscard]] Result<GenerationRequest> request_of(const Context& context, supervisor::Generation generation);

/// What goes along with the request.
[[nodiscard]] std::vector<int> attached(const GenerationRequest& made);

}  // namespace cmp::cli
