#include "engine/network_warnings.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "base/nearest.hpp"

namespace cmp::engine {

namespace {

/// Those that bridges, macvlan and ipvlan networks are made by (attribute_rows_top, networks.*.driver_opts).
constexpr std::array<std::string_view, 10> kOptions = {"com.docker.network.bridge.enable_icc",
                                                       "com.docker.network.bridge.enable_ip_masquerade",
                                                       "com.docker.network.bridge.gateway_mode_ipv4",
                                                       "com.docker.network.bridge.gateway_mode_ipv6",
                                                       "com.docker.network.bridge.host_binding_ipv4",
                                                       "com.docker.network.bridge.name",
                                                       "com.docker.network.driver.mtu",
                                                       "ipvlan_mode",
                                                       "macvlan_mode",
                                                       "parent"};

Error in_vain(const model::Network& network, const SourcePos& where, const std::string& what) {
  return make_error(Code::kUnsupported, fmt::format("network '{}': {}", network.key, what)).at(where);
}

}  // namespace

std::vector<Error> network_warnings(const model::Network& network) {
  std::vector<Error> warnings;
  bool first = true, first6 = true;
  for (const model::IpamPool& pool : network.ipam) {
    const bool six = pool.subnet.find(':') != std::string::npos;
    bool& is_first = six ? first6 : first;
    if (!(six ? network.enable_ipv6 : network.enable_ipv4)) {
      warnings.push_back(in_vain(network, pool.where,
                                 fmt::format("subnet '{}' is not used: {}", pool.subnet,
                                             six ? "enable_ipv6 is not set" : "enable_ipv4 is false")));
    } else if (!is_first) {
      warnings.push_back(
          in_vain(network, pool.where,
                  fmt::format("subnet '{}' is not used: a network has one for IPv4 and one for IPv6", pool.subnet)));
    }
    is_first = false;
  }
  for (const auto& [option, value] : network.driver_opts) {
    if (std::ranges::find(kOptions, option) == kOptions.end()) {
      const std::string_view meant = nearest(option, kOptions);
      warnings.push_back(in_vain(network, network.where,
                                 fmt::format("driver_opts: '{}' has no effect{}", option,
                                             meant.empty() ? "" : fmt::format(" (did you mean '{}'?)", meant))));
    }
  }
  return warnings;
}

}  // namespace cmp::engine
