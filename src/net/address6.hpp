#pragma once
// IPv6 addresses and networks as text, which is all that is done with them: chosen, compared, handed on. Pure.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace cmp::net {

/// "fd00:0:0:1::/64" as the kernel writes it, "fd00:0:0:1::/64" → the same; error kInvalid also when host bits are set
/// or the prefix leaves no room for hosts (above 112).
[[nodiscard]] Result<std::string> parse_subnet6(const std::string& text);
/// "fd00::0:2" → "fd00::2"; error kInvalid.
[[nodiscard]] Result<std::string> parse_ipv6(const std::string& text);
/// The address with this number in a network of parse_subnet6.
[[nodiscard]] std::string nth_address6(const std::string& subnet, std::uint32_t number);
/// The number that an address has in a network of parse_subnet6: its last 32 bits, less the network's.
[[nodiscard]] std::uint32_t number_in6(const std::string& subnet, const std::string& address);
/// Whether the network of parse_subnet6 has that address of parse_ipv6.
[[nodiscard]] bool contains6(const std::string& subnet, const std::string& address);
/// The length of its prefix.
[[nodiscard]] int prefix_of6(const std::string& subnet);
/// A unique local network (RFC 4193) that always is the same for the same name: fd, 56 bits of SHA-256, /64.
[[nodiscard]] std::string unique_local_subnet(std::string_view name);

}  // namespace cmp::net
