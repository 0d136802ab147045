#pragma once
// Who gets which address. Pure: what is taken is an argument, the answer depends on nothing else.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/net.hpp"

namespace cmp::net {

/// A range that networks of one size are taken from.
struct Pool {
  Subnet base;
  int size = 24;  ///< the length of a network's prefix
};

/// Where networks without a subnet of their own come from, in this order: away from Docker's (172.17-31/16,
/// 192.168.0/16) and Podman's (10.88/16) first choices; the later ones serve hosts that route all of 10/8 to a VPN.
/// 10.89, 10.90, 10.91 and 10.92/16, 172.30/15, 192.168.128/17: 1664 networks of 254 addresses.
[[nodiscard]] std::vector<Pool> default_pools();

/// The one that was there before, if it is one of the pools' and free; else the first of the pools that overlaps
/// nothing in `taken`. Error kConflict when all are taken, with what to do.
[[nodiscard]] Result<Subnet> choose_subnet(const std::vector<Pool>& pools, const std::vector<Subnet>& taken,
                                           const std::optional<Subnet>& before);

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

  /// Whether somebody has an address here.
  [[nodiscard]] bool has(const std::string& owner) const { return address_of(owner).has_value(); }

  /// The lowest free address; the same owner gets the same one again. Error kConflict when full.
  [[nodiscard]] Result<std::uint32_t> allocate(const std::string& owner);
  /// The same from the other end: the highest free one.
  [[nodiscard]] Result<std::uint32_t> allocate_last(const std::string& owner);

 private:
  [[nodiscard]] std::optional<std::uint32_t> address_of(const std::string& owner) const;
  [[nodiscard]] bool take(std::uint32_t address, const std::string& owner);

  Subnet subnet_;
  Subnet range_;
  std::uint32_t gateway_ = 0;
  std::map<std::uint32_t, std::string> owners_;
};

}  // namespace cmp::net
