// What one container may know, from the records of those it shares networks with.

#include <string>
#include <vector>

#include <fmt/core.h>

#include "net/filter_text.hpp"
#include "net/net.hpp"
#include "supervisor/names.hpp"

namespace cmp::supervisor {

namespace {

/// What a container is called by others.
std::vector<std::string> names_of(const state::ContainerRecord& container, const state::EndpointRecord& endpoint) {
  std::vector<std::string> names = endpoint.aliases;
  names.push_back(container.name);
  names.push_back(container.id.substr(0, 12));
  return names;
}

/// What `other` is called on the network of `own`.
void add_names(net::dns::Zone& zone, const state::EndpointRecord& own, const state::ContainerRecord& other) {
  for (const state::EndpointRecord& endpoint : other.endpoints) {
    const auto address = net::parse_ipv4(endpoint.address);
    if (endpoint.network_name != own.network_name || !address) {
      continue;
    }
    const std::string address6 = net::filter::address_bytes(endpoint.address6);
    for (const std::string& name : names_of(other, endpoint)) {
      zone.add_name(name, *address);
      if (!address6.empty()) {
        zone.add_name6(name, {address6.begin(), address6.end()});
      }
    }
    zone.add_reverse(*address, fmt::format("{}.{}", other.name, endpoint.network_name));
  }
}

/// With a search domain behind it a name of ours would be asked for outside as soon as it stands for nothing here; so
/// would that name in turn, with a domain behind it once more.
void hide_name(net::dns::Zone& zone, const std::string& name, const std::vector<std::string>& search) {
  for (const std::string& domain : search) {
    zone.hide_name(fmt::format("{}.{}", name, domain));
    for (const std::string& again : search) {
      zone.hide_name(fmt::format("{}.{}.{}", name, domain, again));
    }
  }
}

void hide_names(net::dns::Zone& zone, const state::ContainerRecord& other, const std::vector<std::string>& search) {
  for (const state::EndpointRecord& endpoint : other.endpoints) {
    for (const std::string& name : names_of(other, endpoint)) {
      hide_name(zone, name, search);
    }
  }
}

}  // namespace

net::dns::Zone make_zone(const state::ContainerRecord& self, const std::vector<const state::ContainerRecord*>& all,
                         const std::vector<std::string>& search) {
  net::dns::Zone zone;
  for (const state::EndpointRecord& own : self.endpoints) {
    if (const auto network = net::parse_ipv4(own.address)) {
      zone.add_subnet({*network, own.prefix});
    }
    for (const state::ContainerRecord* other : all) {
      // A container that does not run has an address, but nobody there would answer.
      if (other->process.pid != 0) {
        add_names(zone, own, *other);
      }
    }
    if (const auto gateway = net::parse_ipv4(own.gateway)) {
      zone.add_name("host.docker.internal", *gateway);
      zone.add_name("gateway.docker.internal", *gateway);
    }
  }
  for (const state::ContainerRecord* other : all) {
    hide_names(zone, *other, search);
  }
  return zone;
}

}  // namespace cmp::supervisor
