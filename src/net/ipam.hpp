#pragma once
// Who gets which address. Pure: what is taken is an argument, the answer depends on nothing else.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/net.hpp"

namespace cmp::net {

/// Where networks without a subnet of their own come from, in this order: away from Docker's (172.17-31/16,
/// 192.168.0/16) and Podman's (10.88/16) first choices; the later ones serve hosts that route all of 10/8 to a VPN.
inline constexpr std::array kDefaultPools = {
    Subnet{0x0a590000, 16},  // 10.89
    Subnet{0x0a5a0000, 16},  // 10.90
    Subnet{0x0a5b0000, 16},  // 10.91
    Subnet{0x0a5c0000, 16},  // 10.92
    Subnet{0xac1e0000, 15},  // 172.30
    Subnet{0xc0a88000, 17},  // 192.168.128
};

/// The first /24 of the pools (10.89.0.0/16, then 10.90/16 …, see kDefaultPools) that overlaps nothing in `taken`.
/// Error kConflict when all are taken, with what to do.
[[nodiscard]] Result<Subnet> choose_subnet(const std::vector<Subnet>& taken);

/// Addresses of one network: the gateway is the first host address unless given; `reserved` (static addresses of the
/// file, auxiliary ones, those of containers that exist) are never handed out; a container that had an address keeps
/// it.
class AddressPool {
 public:
  /// Addresses come from `range` (`ip_range`), a part of the subnet, or else from all of it.
  AddressPool(Subnet subnet, std::optional<Subnet> range, std::optional<std::uint32_t> gateway);

  [[nodiscard]] std::uint32_t gateway() const { return gateway_; }

  /// Error kConflict when somebody else has it, kInvalid outside of the subnet.
  [[nodiscard]] Status reserve(std::uint32_t address, const std::string& owner);
  /// The lowest free address; the same owner gets the same one again. Error kConflict when full.
  [[nodiscard]] Result<std::uint32_t> allocate(const std::string& owner);

 private:
  Subnet subnet_;
  Subnet range_;
  std::uint32_t gateway_ = 0;
  std::map<std::uint32_t, std::string> owners_;
};

}  // namespace cmp::net
