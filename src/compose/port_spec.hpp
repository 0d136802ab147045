#pragma once
// The short syntax of services.*.ports (compose-spec.md section 3): [[IP:][HOST[-HOST]]:]CONTAINER[-CONTAINER][/PROTO].

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cmp::compose {

struct PortSpec {
  std::string host_ip;
  std::uint16_t target = 0;
  std::string published;  ///< "", "8080", or "8000-8010" to choose from
  std::string protocol;
  friend bool operator==(const PortSpec&, const PortSpec&) = default;
};

struct PortRange {
  std::uint16_t first = 0, last = 0;

  [[nodiscard]] int size() const { return last - first + 1; }
};

/// One entry a container port, in the order in which Docker Compose prints them ("100/tcp" before "98/tcp").
[[nodiscard]] Result<std::vector<PortSpec>> parse_port_spec(std::string_view text);

/// "80" or "80-82".
[[nodiscard]] std::optional<PortRange> parse_port_range(std::string_view text);

/// True for a numeric IPv4 or IPv6 address, without brackets.
[[nodiscard]] bool is_ip_address(std::string_view text);

}  // namespace cmp::compose
