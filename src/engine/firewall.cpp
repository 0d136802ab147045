#include "engine/firewall.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "engine/network_plan.hpp"
#include "net/filter_text.hpp"

namespace cmp::engine {

namespace {

using net::filter::AddressBytes;
using net::filter::Family;
using net::filter::Filter;

/// "10.89.0.0/24" or "fd00::/64".
net::filter::Range range_of(const std::string& subnet) {
  const std::size_t slash = std::min(subnet.find('/'), subnet.size());
  net::filter::Range range{net::filter::address_bytes(subnet.substr(0, slash)), 0};
  std::from_chars(subnet.data() + slash + 1, subnet.data() + subnet.size(), range.prefix);
  return range;
}

net::filter::FilterNetwork network_of(const state::NetworkRecord& record, Family family) {
  const bool v4 = family == Family::kIpv4;
  const std::string mode = network_option(record.options, v4 ? "com.docker.network.bridge.gateway_mode_ipv4"
                                                             : "com.docker.network.bridge.gateway_mode_ipv6");
  net::filter::FilterNetwork network;
  network.bridge = record.bridge;
  network.range = range_of(v4 ? record.subnet : record.subnet6);
  network.internal = record.internal;
  network.masquerade =
      mode != "routed" &&
      option_flag(network_option(record.options, "com.docker.network.bridge.enable_ip_masquerade")).value_or(true);
  network.reachable = mode == "routed" || mode == "nat-unprotected";
  return network;
}

/// "" for every address, nothing for one that this family does not have or that no packet from outside has.
std::optional<AddressBytes> host_address(const std::string& text, Family family) {
  if (text.empty() || text == "0.0.0.0") {
    return text.empty() || family == Family::kIpv4 ? std::optional(AddressBytes()) : std::nullopt;
  }
  if (text == "::") {
    return family == Family::kIpv6 ? std::optional(AddressBytes()) : std::nullopt;
  }
  AddressBytes bytes = net::filter::address_bytes(text);
  const bool v4 = bytes.size() == 4;
  const bool loopback = v4 ? bytes[0] == 127 : text == "::1";
  return bytes.empty() || loopback || v4 != (family == Family::kIpv4) ? std::nullopt : std::optional(std::move(bytes));
}

class Ports {
 public:
  Ports(const std::vector<const state::ContainerRecord*>& containers, Family family)
      : containers_(containers), family_(family) {}

  std::vector<net::filter::FilterPort> collect() {
    std::set<std::string> services;
    for (const state::ContainerRecord* record : containers_) {
      if (!record->ports.empty() && services.insert(record->service).second) {
        add_service(*record);
      }
    }
    return std::move(ports_);
  }

 private:
  void add_service(const state::ContainerRecord& record) {
    const auto ready = ready_containers(containers_, record.service_definition.name);
    for (const state::PublishedPort& published : record.ports) {
      const auto host = host_address(published.host_ip, family_);
      auto targets = targets_of(ready, static_cast<std::uint16_t>(published.target));
      if (host && !targets.empty()) {
        ports_.push_back({.host = *host,
                          .port = static_cast<std::uint16_t>(published.host_port),
                          .protocol = net::protocol_of(published.protocol).value_or(net::Protocol::kTcp),
                          .targets = std::move(targets)});
      }
    }
  }

  [[nodiscard]] std::vector<net::filter::Target> targets_of(const std::vector<const state::ContainerRecord*>& ready,
                                                            std::uint16_t port) const {
    std::vector<net::filter::Target> targets;
    for (const state::ContainerRecord* container : ready) {
      const state::EndpointRecord* endpoint = published_endpoint(*container);
      const bool v4 = family_ == Family::kIpv4;
      if (endpoint == nullptr || (v4 ? endpoint->gateway : endpoint->gateway6).empty()) {
        continue;  // nobody, or on internal networks only
      }
      AddressBytes address = net::filter::address_bytes(v4 ? endpoint->address : endpoint->address6);
      if (!address.empty()) {
        targets.push_back({std::move(address), port});
      }
    }
    return targets;
  }

  const std::vector<const state::ContainerRecord*>& containers_;
  Family family_;
  std::vector<net::filter::FilterPort> ports_;
};

/// Where an address that stands for a service leads: its ready containers' addresses on the same network.
std::vector<AddressBytes> members_of(const std::vector<const state::ContainerRecord*>& ready,
                                     const AddressBytes& address, bool v4) {
  std::vector<AddressBytes> targets;
  for (const state::ContainerRecord* container : ready) {
    for (const state::EndpointRecord& endpoint : container->endpoints) {
      if (net::filter::address_bytes(v4 ? endpoint.virtual_address : endpoint.virtual_address6) == address) {
        targets.push_back(net::filter::address_bytes(v4 ? endpoint.address : endpoint.address6));
      }
    }
  }
  return targets;
}

std::vector<net::filter::FilterService> services_of(const std::vector<const state::ContainerRecord*>& containers,
                                                    Family family) {
  const bool v4 = family == Family::kIpv4;
  std::map<AddressBytes, net::filter::FilterService> services;
  for (const state::ContainerRecord* record : containers) {
    for (const state::EndpointRecord& endpoint : record->endpoints) {
      AddressBytes address = net::filter::address_bytes(v4 ? endpoint.virtual_address : endpoint.virtual_address6);
      if (address.empty() || services.contains(address)) {
        continue;
      }
      auto targets = members_of(ready_containers(containers, record->service_definition.name), address, v4);
      services.emplace(address, net::filter::FilterService{endpoint.bridge, address, std::move(targets)});
    }
  }
  std::vector<net::filter::FilterService> sorted;
  for (auto& [address, service] : services) {
    sorted.push_back(std::move(service));
  }
  return sorted;
}

/// The smaller the readier; nothing for one that takes no connections.
std::optional<int> readiness(const state::ContainerRecord& record) {
  if (record.process.pid == 0 || record.stop_requested || record.endpoints.empty()) {
    return std::nullopt;
  }
  if (record.state != state::ContainerState::kRunning) {
    return 2;
  }
  if (record.draining) {
    return 3;
  }
  return record.health == state::Health::kNone || record.health == state::Health::kHealthy ? 0 : 1;
}

}  // namespace

std::vector<const state::ContainerRecord*> ready_containers(
    const std::vector<const state::ContainerRecord*>& containers, const std::string& service) {
  std::map<int, std::vector<const state::ContainerRecord*>> ranks;
  for (const state::ContainerRecord* record : containers) {
    if (const auto rank = readiness(*record); rank && record->service_definition.name == service) {
      ranks[*rank].push_back(record);
    }
  }
  return ranks.empty() ? std::vector<const state::ContainerRecord*>() : ranks.begin()->second;
}

const state::EndpointRecord* published_endpoint(const state::ContainerRecord& container) {
  const auto routed = [](const state::EndpointRecord& endpoint) {
    return !endpoint.gateway.empty() || !endpoint.gateway6.empty();
  };
  const state::EndpointRecord* found = nullptr;
  for (const state::EndpointRecord& endpoint : container.endpoints) {
    // The host does not reach what is on its own device beside it.
    if (endpoint.driver.empty() && (found == nullptr || (!routed(*found) && routed(endpoint)))) {
      found = &endpoint;
    }
  }
  return found;
}

std::vector<Filter> filters_of(const std::string& table, const std::vector<state::NetworkRecord>& networks,
                               const std::vector<const state::ContainerRecord*>& containers) {
  std::vector<Filter> filters;
  for (const Family family : {Family::kIpv4, Family::kIpv6}) {
    Filter filter{.table = table, .family = family, .networks = {}, .ports = {}, .services = {}};
    for (const state::NetworkRecord& network : networks) {
      if (!network.bridge.empty() && !(family == Family::kIpv4 ? network.subnet : network.subnet6).empty()) {
        filter.networks.push_back(network_of(network, family));
      }
    }
    filter.ports = Ports(containers, family).collect();
    filter.services = services_of(containers, family);
    if (!filter.networks.empty() || !filter.ports.empty() || !filter.services.empty()) {
      filters.push_back(std::move(filter));
    }
  }
  return filters;
}

}  // namespace cmp::engine
