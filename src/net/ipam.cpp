#include "net/ipam.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

namespace cmp::net {

namespace {

/// A network of more than two addresses keeps its first for itself and its last for broadcasts (RFC 3021 exempts /31).
bool is_host_address(const Subnet& subnet, std::uint32_t address) {
  return subnet.prefix >= 31 || (address != first_address(subnet) && address != last_address(subnet));
}

Error none_left(const Subnet& range) {
  return make_error(Code::kConflict, fmt::format("no free address is left in {}", format_subnet(range)));
}

}  // namespace

std::vector<Pool> default_pools() {
  constexpr std::array kBases = {
      Subnet{0x0a590000, 16},  // 10.89
      Subnet{0x0a5a0000, 16},  // 10.90
      Subnet{0x0a5b0000, 16},  // 10.91
      Subnet{0x0a5c0000, 16},  // 10.92
      Subnet{0xac1e0000, 15},  // 172.30
      Subnet{0xc0a88000, 17},  // 192.168.128
  };
  std::vector<Pool> pools;
  for (const Subnet& base : kBases) {
    pools.push_back({.base = base, .size = 24});
  }
  return pools;
}

Result<Subnet> choose_subnet(const std::vector<Pool>& pools, const std::vector<Subnet>& taken,
                             const std::optional<Subnet>& before) {
  const auto is_free = [&](const Subnet& candidate) {
    return std::ranges::none_of(taken, [&](const Subnet& other) { return overlaps(candidate, other); });
  };
  const auto is_of = [&](const Pool& pool) {
    return before->prefix == pool.size && contains(pool.base, before->address);
  };
  if (before && std::ranges::any_of(pools, is_of) && is_free(*before)) {
    return *before;
  }
  for (const Pool& pool : pools) {
    const std::uint64_t step = std::uint64_t{1} << (32U - static_cast<unsigned>(pool.size));
    for (std::uint64_t address = first_address(pool.base); address <= last_address(pool.base); address += step) {
      const Subnet candidate{static_cast<std::uint32_t>(address), pool.size};
      if (is_free(candidate)) {
        return candidate;
      }
    }
  }
  return make_error(Code::kConflict,
                    "no free network is left in the address pools; give the network a subnet of its own "
                    "(ipam: config: - subnet: …), remove networks that are not used any more, or name more pools in "
                    "/etc/cmp/networks.json");
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

std::optional<std::uint32_t> AddressPool::address_of(const std::string& owner) const {
  const auto own = std::ranges::find_if(owners_, [&](const auto& entry) { return entry.second == owner; });
  return own == owners_.end() ? std::nullopt : std::optional(own->first);
}

bool AddressPool::take(std::uint32_t address, const std::string& owner) {
  return is_host_address(subnet_, address) && owners_.emplace(address, owner).second;
}

Result<std::uint32_t> AddressPool::allocate(const std::string& owner) {
  if (const auto own = address_of(owner)) {
    return *own;
  }
  // 64 bits: the last address may be 255.255.255.255.
  for (std::uint64_t next = first_address(range_); next <= last_address(range_); ++next) {
    if (take(static_cast<std::uint32_t>(next), owner)) {
      return static_cast<std::uint32_t>(next);
    }
  }
  return none_left(range_);
}

Result<std::uint32_t> AddressPool::allocate_last(const std::string& owner) {
  if (const auto own = address_of(owner)) {
    return *own;
  }
  for (std::uint64_t next = last_address(range_) + std::uint64_t{1}; next-- > first_address(range_);) {
    if (take(static_cast<std::uint32_t>(next), owner)) {
      return static_cast<std::uint32_t>(next);
    }
  }
  return none_left(range_);
}

}  // namespace cmp::net
