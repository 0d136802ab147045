#include "engine/link_of.hpp"

#include "net/address6.hpp"

namespace cmp::engine {

Result<net::Endpoint> link_of(const state::EndpointRecord& endpoint) {
  net::Endpoint out;
  out.kind = endpoint.driver == "macvlan"  ? net::EndpointKind::kMacvlan
             : endpoint.driver == "ipvlan" ? net::EndpointKind::kIpvlan
                                           : net::EndpointKind::kVeth;
  out.host_device = endpoint.host_device;
  out.container_device = endpoint.container_device;
  out.bridge = endpoint.driver.empty() ? endpoint.bridge : endpoint.parent;
  out.mode = endpoint.mode;
  out.prefix = endpoint.prefix;
  out.address6 = endpoint.address6;
  out.prefix6 = endpoint.prefix6;
  out.gateway6 = endpoint.gateway6;
  out.link_local = endpoint.link_local;
  out.sysctls = endpoint.sysctls;
  out.mtu = endpoint.mtu;
  out.isolated = endpoint.isolated;
  if (!endpoint.address.empty()) {
    CMP_TRY(out.address, net::parse_ipv4(endpoint.address));
  } else if (!endpoint.address6.empty()) {
    out.mac = net::mac_of(net::number_in6("::/96", endpoint.address6));
  }
  if (!endpoint.gateway.empty()) {
    CMP_TRY(out.gateway, net::parse_ipv4(endpoint.gateway));
  }
  return out;
}

}  // namespace cmp::engine
