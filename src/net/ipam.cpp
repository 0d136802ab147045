#include "net/ipam.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace cmp::net {

namespace {

constexpr int kNetworkPrefix = 24;

/// A network of more than two addresses keeps its first for itself and its last for broadcasts (RFC 3021 exempts /31).
bool is_host_address(const Subnet& subnet, std::uint32_t address) {
  return subnet.prefix >= 31 || (address != first_address(subnet) && address != last_address(subnet));
}

}  // namespace

Result<Subnet> choose_subnet(const std::vector<Subnet>& taken) {
  for (const Subnet& pool : kDefaultPools) {
    for (std::uint64_t address = pool.address; address <= last_address(pool); address += 1U << (32U - kNetworkPrefix)) {
      const Subnet candidate{static_cast<std::uint32_t>(address), kNetworkPrefix};
      if (std::ranges::none_of(taken, [&](const Subnet& other) { return overlaps(candidate, other); })) {
        return candidate;
      }
    }
  }
  return make_error(Code::kConflict,
                    "no free network is left in the default pools; give the network a subnet of its own "
                    "(ipam: config: - subnet: …) or remove networks that are not used any more");
}

AddressPool::AddressPool(Subnet subnet, std::optional<Subnet> range, std::optional<std::uint32_t> gateway)
    : subnet_(subnet),
      range_(range.value_or(subnet)),
      gateway_(gateway.value_or(first_address(subnet) + (subnet.prefix < 31 ? 1U : 0U))) {
  owners_.emplace(gateway_, "the gateway");
}

Status AddressPool::reserve(std::uint32_t address, const std::string& owner) {
  if (!contains(subnet_, address)) {
    return make_error(Code::kInvalid,
                      fmt::format("address {} is not in the network {}", format_ipv4(address), format_subnet(subnet_)));
  }
  if (!is_host_address(subnet_, address)) {
    return make_error(Code::kInvalid,
                      fmt::format("address {} is the {} address of the network {}", format_ipv4(address),
                                  address == first_address(subnet_) ? "network" : "broadcast", format_subnet(subnet_)));
  }
  const auto [entry, is_new] = owners_.emplace(address, owner);
  if (!is_new && entry->second != owner) {
    return make_error(Code::kConflict,
                      fmt::format("address {} belongs to {} already", format_ipv4(address), entry->second));
  }
  return {};
}

Result<std::uint32_t> AddressPool::allocate(const std::string& owner) {
  const auto own = std::ranges::find_if(owners_, [&](const auto& entry) { return entry.second == owner; });
  if (own != owners_.end()) {
    return own->first;
  }
  // 64 bits: the last address may be 255.255.255.255.
  for (std::uint64_t next = first_address(range_); next <= last_address(range_); ++next) {
    const auto address = static_cast<std::uint32_t>(next);
    if (is_host_address(subnet_, address) && owners_.emplace(address, owner).second) {
      return address;
    }
  }
  return make_error(Code::kConflict, fmt::format("no free address is left in {}", format_subnet(range_)));
}

}  // namespace cmp::net
