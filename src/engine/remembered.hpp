#pragma once
// Which networks and addresses a project had: kept where a reboot of the host does not reach, so that they come again.

#include <map>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/addresses.hpp"
#include "net/ipam.hpp"
#include "state/paths.hpp"

namespace cmp::engine {

/// None when nothing has been written down, or what is there cannot be read.
[[nodiscard]] Remembered read_remembered(const state::Paths& paths);
[[nodiscard]] Status remember(const state::Paths& paths, const AddressPlan& plan);

/// What the host's administrator says of address pools, in Docker's words:
/// {"default-address-pools": [{"base": "10.200.0.0/16", "size": 26}]}. Pure; errors kInvalid.
[[nodiscard]] Result<std::vector<net::Pool>> pools_in(const std::string& text);
/// From /etc/cmp/networks.json, or networks.json of a state directory that is not the system's; without such a file
/// the default ones.
[[nodiscard]] Result<std::vector<net::Pool>> read_pools(const state::Roots& roots);

}  // namespace cmp::engine
