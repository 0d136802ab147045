// What one container may know, from the records of those it shares networks with.

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "net/filter_text.hpp"
#include "net/net.hpp"
#include "supervisor/names.hpp"

namespace cmp::supervisor {

namespace {

using net::filter::Family;

/// "db:database" → "db", "database"; without an alias both are the name.
std::pair<std::string, std::string> split_link(const std::string& link) {
  const std::size_t colon = link.find(':');
  return {link.substr(0, colon), colon == std::string::npos ? link : link.substr(colon + 1)};
}

/// What `self` calls the other one by its links and external_links: nobody else does.
std::vector<std::string> links_to(const state::ContainerRecord& self, const state::ContainerRecord& other) {
  std::vector<std::string> names;
  for (const std::string& link : self.service_definition.links) {
    const auto [service, alias] = split_link(link);
    if (other.project == self.project && other.service == service && !state::is_one_off(other)) {
      names.push_back(alias);
    }
  }
  for (const std::string& link : self.service_definition.external_links) {
    const auto [container, alias] = split_link(link);
    if (other.name == container) {
      names.push_back(alias);
    }
  }
  return names;
}

/// What a container is called by others, for itself and as one of its service's.
std::vector<std::string> own_names(const state::ContainerRecord& container) {
  return {container.name, container.id.substr(0, 12)};
}

std::vector<std::string> joined(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::vector<std::string> names_of(const state::ContainerRecord& container, const state::EndpointRecord& endpoint) {
  return joined(endpoint.aliases, own_names(container));
}

/// The addresses of both families under all of the names; "" is none.
void add_addresses(net::dns::Zone& zone, const std::vector<std::string>& names, const std::string& address,
                   const std::string& address6) {
  const auto v4 = net::parse_ipv4(address);
  const std::string v6 = net::filter::address_bytes(address6);
  for (const std::string& name : names) {
    zone.hide_name(name);
    if (v4) {
      zone.add_name(name, *v4);
    }
    if (!v6.empty()) {
      zone.add_name6(name, {v6.begin(), v6.end()});
    }
  }
}

/// What a look-up of the addresses gives; "" is none.
void add_reverse(net::dns::Zone& zone, const std::string& address, const std::string& address6,
                 const std::string& name) {
  if (const auto v4 = net::parse_ipv4(address)) {
    zone.add_reverse(*v4, name);
  }
  if (const std::string v6 = net::filter::address_bytes(address6); !v6.empty()) {
    zone.add_reverse6({v6.begin(), v6.end()}, name);
  }
}

/// A service's address stands while there is a container of it, running or not: who connects waits.
void add_service(net::dns::Zone& zone, const state::ContainerRecord& other, const state::EndpointRecord& endpoint,
                 const std::vector<std::string>& links, const Names::Balances& balances) {
  add_addresses(zone, joined(endpoint.aliases, links), balances(Family::kIpv4) ? endpoint.virtual_address : "",
                balances(Family::kIpv6) ? endpoint.virtual_address6 : "");
  if (other.process.pid != 0) {
    add_addresses(zone, own_names(other), endpoint.address, endpoint.address6);
    add_addresses(zone, {"tasks." + other.service}, endpoint.address, endpoint.address6);
  }
}

/// What `other` is called on the network of `own`. A container that does not run has an address, but nobody there would
/// answer.
void add_names(net::dns::Zone& zone, const state::EndpointRecord& own, const state::ContainerRecord& other,
               const std::vector<std::string>& links, const Names::Balances& balances) {
  for (const state::EndpointRecord& endpoint : other.endpoints) {
    if (endpoint.network_name != own.network_name) {
      continue;
    }
    const bool six = endpoint.address.empty();
    if (!(six ? endpoint.virtual_address6 : endpoint.virtual_address).empty() &&
        balances(six ? Family::kIpv6 : Family::kIpv4)) {
      add_service(zone, other, endpoint, links, balances);
    } else if (other.process.pid != 0) {
      add_addresses(zone, joined(names_of(other, endpoint), links), endpoint.address, endpoint.address6);
    }
    if (other.process.pid != 0) {
      add_reverse(zone, endpoint.address, endpoint.address6, fmt::format("{}.{}", other.name, endpoint.network_name));
    }
    add_reverse(zone, endpoint.virtual_address, endpoint.virtual_address6,
                fmt::format("{}.{}", other.service, endpoint.network_name));
  }
}

/// It is on its way out, and others of its service answer.
bool is_replaced(const state::ContainerRecord& container, const std::vector<const state::ContainerRecord*>& all) {
  return container.draining && std::ranges::any_of(all, [&](const state::ContainerRecord* other) {
           return other->service == container.service && !other->draining && state::has_program(other->state);
         });
}

/// With a search domain behind it a name of ours would be asked for outside as soon as it stands for nothing here; so
/// would that name in turn, with a domain behind it once more.
void hide_name(net::dns::Zone& zone, const std::string& name, const std::vector<std::string>& search) {
  for (const std::string& domain : search) {
    zone.deny_name(fmt::format("{}.{}", name, domain));
    for (const std::string& again : search) {
      zone.deny_name(fmt::format("{}.{}.{}", name, domain, again));
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
                         const std::vector<std::string>& search, const Names::Balances& balances) {
  net::dns::Zone zone;
  for (const state::EndpointRecord& own : self.endpoints) {
    if (const auto network = net::parse_ipv4(own.address)) {
      zone.add_subnet({*network, own.prefix});
    }
    for (const state::ContainerRecord* other : all) {
      if (is_replaced(*other, all)) {
        continue;
      }
      add_names(zone, own, *other, links_to(self, *other), balances);
    }
    if (own.driver.empty() && !(own.gateway.empty() && own.gateway6.empty())) {
      add_addresses(zone, {"host.docker.internal", "gateway.docker.internal"}, own.gateway,
                    own.gateway.empty() ? own.gateway6 : "");
    }
  }
  for (const state::ContainerRecord* other : all) {
    hide_names(zone, *other, search);
    for (const std::string& name : links_to(self, *other)) {
      zone.hide_name(name);
      hide_name(zone, name, search);
    }
  }
  return zone;
}

}  // namespace cmp::supervisor
