#pragma once
// What a file says of one interface beyond its addresses: its name, link-local addresses, kernel parameters, and
// whether it shares a device of the host. Pure.

#include "base/result.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// Fills in what `attachment` and the network's driver options say. `number` counts the container's interfaces. Errors
/// are kInvalid.
[[nodiscard]] Status add_options(const model::Attachment& attachment, const state::NetworkRecord& network,
                                 std::size_t number, state::EndpointRecord& endpoint);

}  // namespace cmp::engine
