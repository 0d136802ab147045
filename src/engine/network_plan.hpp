#pragma once
// The part of the address plan that is about whole networks: their subnets, gateways and pools. Pure.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/addresses.hpp"
#include "net/ipam.hpp"

namespace cmp::engine {

/// The value of a driver option; "" when it is not given.
[[nodiscard]] std::string network_option(const std::map<std::string, std::string>& options, const char* key);

/// The value of one that is switched on or off, in the words of Go's strconv.ParseBool, as Docker reads it; nothing for
/// others, "" among them.
[[nodiscard]] std::optional<bool> option_flag(const std::string& text);

/// The number of an endpoint's address in its network: those of both families have the same.
[[nodiscard]] std::optional<std::uint32_t> number_of(const state::NetworkRecord& network, const std::string& address);

/// What the file says of a network's IPv4 addresses; nothing of one that another project has made.
[[nodiscard]] const model::IpamPool* declared_pool(const AddressInputs& inputs, const model::Network& network);

/// The same of its IPv6 addresses.
[[nodiscard]] const model::IpamPool* declared_pool6(const model::Network& network);

/// An address pool for a planned network: gateway, range and auxiliary addresses as the file has them. Of a network
/// without IPv4 it has the numbers of the IPv6 addresses.
[[nodiscard]] Result<net::AddressPool> make_pool(const model::IpamPool* declared, const state::NetworkRecord& record);

/// Fills in `plan.networks`.
[[nodiscard]] Status plan_networks(const AddressInputs& inputs, AddressPlan& plan);

}  // namespace cmp::engine
