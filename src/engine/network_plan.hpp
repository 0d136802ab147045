#pragma once
// The part of the address plan that is about whole networks: their subnets, gateways and pools. Pure.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/addresses.hpp"
#include "net/ipam.hpp"

namespace cmp::engine {

/// The value of a driver option; "" when it is not given.
[[nodiscard]] std::string network_option(const std::map<std::string, std::string>& options, const char* key);

/// What the file says of a network's IPv4 addresses; nothing of one that another project has made.
[[nodiscard]] const model::IpamPool* declared_pool(const AddressInputs& inputs, const model::Network& network);

/// An address pool for a planned network: gateway, range and auxiliary addresses as the file has them.
[[nodiscard]] Result<net::AddressPool> make_pool(const model::IpamPool* declared, const state::NetworkRecord& record);

/// Fills in `plan.networks`.
[[nodiscard]] Status plan_networks(const AddressInputs& inputs, AddressPlan& plan);

}  // namespace cmp::engine
