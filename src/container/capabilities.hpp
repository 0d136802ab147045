#pragma once
// Capability names and the arithmetic of cap_add and cap_drop (capabilities(7); Docker's rules).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cmp::container {

/// Bit N is capability N.
using CapabilityMask = std::uint64_t;

/// Docker's 14: what root in a container has when nothing is said.
inline constexpr CapabilityMask kDefaultCapabilities = 0x00000000a80425fb;

/// The bit of "NET_ADMIN", "net_admin" or "CAP_NET_ADMIN". kInvalid: no such capability.
[[nodiscard]] Result<CapabilityMask> capability_bit(std::string_view name);

/// True for "ALL", in any case.
[[nodiscard]] bool is_all(std::string_view name);

/// "CAP_NET_ADMIN" and so on, in order of their numbers; what has no name is "CAP_41".
[[nodiscard]] std::vector<std::string> capability_names(CapabilityMask mask);

struct CapabilityRequest {
  std::vector<std::string> add, drop;  ///< names, or ALL
  bool privileged = false;             ///< everything available
  CapabilityMask available = 0;        ///< the bounding set of the process that makes the container
};

/// `add: ALL` is what is available minus drop; `drop: ALL` is exactly add; else (default − drop) ∪ add. Defaults that
/// are not available are left out. kInvalid: an unknown name; kUnsupported: asked for but not available here.
[[nodiscard]] Result<CapabilityMask> capabilities_for(const CapabilityRequest& request);

}  // namespace cmp::container
