#include "net/filter_rules.hpp"

#include <utility>

namespace cmp::net::filter {

namespace {

using expr::Accept;
using expr::ChangeDestination;
using expr::Destination;
using expr::DestinationPort;
using expr::Drop;
using expr::Established;
using expr::EveryNth;
using expr::InDevice;
using expr::Jump;
using expr::Masquerade;
using expr::OutDevice;
using expr::OutGroup;
using expr::Redirected;
using expr::Source;
using expr::ToHost;

/// First, as a chain of the destination's that accepts would end the hook before the source's drop is met: an internal
/// network would reach the published ports of others (security.md 6.2).
void add_internal(const FilterNetwork& network, std::vector<Rule>& rules) {
  rules.push_back({InDevice{network.bridge}, OutDevice{network.bridge, false}, Drop{}});
  rules.push_back({OutDevice{network.bridge}, InDevice{network.bridge, false}, Drop{}});
}

/// Bridged packets come by here too where br_netfilter is switched on: from the bridge to itself.
void add_incoming(const FilterNetwork& network, std::vector<Rule>& rules) {
  rules.push_back({OutDevice{network.bridge}, InDevice{network.bridge}, Accept{}});
  rules.push_back({OutDevice{network.bridge}, Redirected{}, Accept{}});
  if (!network.reachable) {
    rules.push_back({OutDevice{network.bridge}, Drop{}});
  }
}

Chain forward_chain(const Filter& filter) {
  Chain chain{.name = "forward", .hook = Hook::kForward, .nat = false, .rules = {}};
  for (const FilterNetwork& network : filter.networks) {
    if (network.internal) {
      add_internal(network, chain.rules);
    }
  }
  chain.rules.push_back({Established{}, Accept{}});
  for (const FilterNetwork& network : filter.networks) {
    if (!network.internal) {
      add_incoming(network, chain.rules);
    }
  }
  return chain;
}

Chain postrouting_chain(const Filter& filter) {
  Chain chain{.name = "postrouting", .hook = Hook::kPostrouting, .nat = true, .rules = {}};
  for (const FilterNetwork& network : filter.networks) {
    if (network.masquerade && !network.internal) {
      chain.rules.push_back({Source{network.range}, OutDevice{network.bridge, false}, Masquerade{}});
    }
  }
  // A container that reaches its neighbour, or itself, by a port of the host: the answer has to take the way back
  // through the host, and would go straight.
  for (const FilterNetwork& network : filter.networks) {
    chain.rules.push_back({Source{network.range}, OutDevice{network.bridge}, Redirected{}, Masquerade{}});
  }
  return chain;
}

Range whole(const AddressBytes& address) {
  return {address, static_cast<int>(address.size()) * 8};
}

void add_port(const FilterPort& port, std::vector<Rule>& rules) {
  // Each rule takes its share of what the rules before have left: a third, a half, all.
  for (std::size_t i = 0; i < port.targets.size(); ++i) {
    Rule rule;
    if (!port.host.empty()) {
      rule.emplace_back(Destination{whole(port.host)});
    }
    rule.emplace_back(DestinationPort{port.protocol, port.port});
    if (const auto left = static_cast<std::uint32_t>(port.targets.size() - i); left > 1) {
      rule.emplace_back(EveryNth{left});
    }
    rule.emplace_back(ChangeDestination{port.targets[i]});
    rules.push_back(std::move(rule));
  }
}

void add_service(const FilterService& service, std::vector<Rule>& rules) {
  for (std::size_t i = 0; i < service.targets.size(); ++i) {
    Rule rule{Destination{whole(service.address)}};
    if (const auto left = static_cast<std::uint32_t>(service.targets.size() - i); left > 1) {
      rule.emplace_back(EveryNth{left});
    }
    rule.emplace_back(ChangeDestination{{service.targets[i], 0}});
    rules.push_back(std::move(rule));
  }
  if (service.targets.empty()) {
    // The host has this address: its own programs would answer. Who asks once more finds a container that has come.
    rules.push_back({Destination{whole(service.address)}, Drop{}});
  }
}

/// Chains of addresses that stand for services: from the service's own bridge and from the host.
void add_services(const std::vector<FilterService>& services, Table& table, Chain& prerouting, Chain& output) {
  if (services.empty()) {
    return;
  }
  Chain chain{.name = "services", .hook = Hook::kNone, .nat = false, .rules = {}};
  for (const FilterService& service : services) {
    add_service(service, chain.rules);
    prerouting.rules.push_back({InDevice{service.bridge}, Destination{whole(service.address)}, Jump{chain.name}});
    output.rules.push_back({Destination{whole(service.address)}, Jump{chain.name}});
  }
  table.chains.push_back(std::move(chain));
}

Range loopback(Family family) {
  return family == Family::kIpv4 ? Range{AddressBytes("\x7f\0\0\0", 4), 8}
                                 : Range{AddressBytes(15, '\0') + '\x01', 128};
}

}  // namespace

Table project_table(const Filter& filter) {
  Table table{.name = filter.table, .family = filter.family, .chains = {}};
  Chain ports{.name = "ports", .hook = Hook::kNone, .nat = false, .rules = {}};
  for (const FilterPort& port : filter.ports) {
    add_port(port, ports.rules);
  }
  const bool publishes = !ports.rules.empty();
  Chain prerouting{.name = "prerouting", .hook = Hook::kPrerouting, .nat = true, .rules = {}};
  Chain output{.name = "output", .hook = Hook::kOutput, .nat = true, .rules = {}};
  table.chains.push_back(std::move(ports));
  add_services(filter.services, table, prerouting, output);
  table.chains.push_back(forward_chain(filter));
  table.chains.push_back(postrouting_chain(filter));
  if (publishes && filter.forwards) {
    prerouting.rules.push_back({ToHost{}, Jump{"ports"}});
  }
  if (publishes) {
    // What the host sends to its loopback address cannot leave it (route_localnet would open other doors); the port's
    // own socket answers there.
    output.rules.push_back({Destination{loopback(filter.family), false}, ToHost{}, Jump{"ports"}});
  }
  for (Chain* chain : {&prerouting, &output}) {
    if (!chain->rules.empty()) {
      table.chains.push_back(std::move(*chain));
    }
  }
  return table;
}

Table names_table(const AddressBytes& address, std::uint16_t udp_port, std::uint16_t tcp_port) {
  constexpr std::uint16_t kNamePort = 53;
  Chain output{.name = "output", .hook = Hook::kOutput, .nat = true, .rules = {}};
  for (const auto& [protocol, port] : {std::pair(Protocol::kUdp, udp_port), std::pair(Protocol::kTcp, tcp_port)}) {
    output.rules.push_back(
        {Destination{{address, 32}}, DestinationPort{protocol, kNamePort}, ChangeDestination{{address, port}}});
  }
  return {.name = "cmp-names", .family = Family::kIpv4, .chains = {std::move(output)}};
}

Table guard_table(const std::string& table, const std::string& device, std::uint32_t group, Family family) {
  return {table, family, {{"forward", Hook::kForward, false, {{InDevice{device}, OutGroup{group, false}, Drop{}}}}}};
}

}  // namespace cmp::net::filter
