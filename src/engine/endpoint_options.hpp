#pragma once
// What a file says of one interface beyond its addresses: its name, link-local addresses, kernel parameters, and
// whether it shares a device of the host. Pure.

#include <string>

#include "base/result.hpp"
#include "model/project.hpp"
#include "state/record.hpp"

namespace cmp::engine {

/// The name that the file has for the interface; "" leaves it to us.
[[nodiscard]] std::string given_interface_name(const model::Attachment& attachment);

/// Fills in what `attachment` and the network's driver options say. An interface without a name of its own is `name`.
/// Errors are kInvalid.
[[nodiscard]] Status add_options(const model::Attachment& attachment, const state::NetworkRecord& network,
                                 const std::string& name, state::EndpointRecord& endpoint);

}  // namespace cmp::engine
