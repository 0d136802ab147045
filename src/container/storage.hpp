#pragma once
// storage_opt: how much a container may write. Pure.

#include <optional>

#include "base/units.hpp"
#include "model/project.hpp"

namespace cmp::container {

/// storage_opt.size; nothing if there is none, or if it is no size.
[[nodiscard]] std::optional<Bytes> storage_size(const model::Service& service);

}  // namespace cmp::container
