#pragma once
// The devices on the host of networks of the driver bridge.

#include "base/result.hpp"
#include "engine/context.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Errors: the record is damaged.
[[nodiscard]] Result<net::Bridge> bridge_of(const state::NetworkRecord& record);

/// A bridge gets its address after it is made: who was killed in an `up` may have done one and not the other. Those of
/// the project's records that lack anything have all of it then.
[[nodiscard]] Status finish_bridges(Context& context);

}  // namespace cmp::engine
