#include "engine/bridges.hpp"

#include <charconv>

#include <fmt/core.h>

#include "net/address6.hpp"

namespace cmp::engine {

Result<net::Bridge> bridge_of(const state::NetworkRecord& record) {
  net::Bridge bridge;
  bridge.name = record.bridge;
  if (!record.subnet.empty()) {
    CMP_TRY(bridge.gateway, net::parse_ipv4(record.gateway));
    CMP_TRY(const net::Subnet subnet, net::parse_subnet(record.subnet));
    bridge.prefix = subnet.prefix;
  }
  bridge.gateway6 = record.gateway6;
  bridge.prefix6 = record.subnet6.empty() ? 0 : net::prefix_of6(record.subnet6);
  if (const auto mtu = record.options.find("com.docker.network.driver.mtu"); mtu != record.options.end()) {
    std::from_chars(mtu->second.data(), mtu->second.data() + mtu->second.size(), bridge.mtu);
  }
  return bridge;
}

Status finish_bridges(Context& context) {
  CMP_TRY(const auto networks, state::read_networks(context.paths));
  for (const state::NetworkRecord& record : networks) {
    if (!record.driver.empty() || record.project != context.paths.project()) {
      continue;
    }
    CMP_TRY(const net::Bridge bridge, bridge_of(record));
    CMP_CHECK(context.links.create_bridge(bridge).context(fmt::format("network '{}'", record.key)));
  }
  return {};
}

}  // namespace cmp::engine
