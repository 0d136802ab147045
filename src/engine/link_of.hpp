#pragma once
// From the record of an endpoint to the device that is made for it. Pure.

#include "base/result.hpp"
#include "net/net.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// All but the hardware address, which the service's definition has.
[[nodiscard]] Result<net::Endpoint> link_of(const state::EndpointRecord& endpoint);

}  // namespace cmp::engine
