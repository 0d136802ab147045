#include "engine/network_plan.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "net/address6.hpp"

namespace cmp::engine {

namespace {

const state::NetworkRecord* find_record(const AddressInputs& inputs, const model::Network& network) {
  const auto it = std::ranges::find(inputs.networks, network.key, &state::NetworkRecord::key);
  return it != inputs.networks.end() && it->config_hash == network.config_hash ? &*it : nullptr;
}

/// The same network as another project has it.
const state::NetworkRecord* find_shared(const AddressInputs& inputs, const std::string& name) {
  const auto it = std::ranges::find(inputs.neighbour_networks, name, &state::NetworkRecord::name);
  return it == inputs.neighbour_networks.end() ? nullptr : &*it;
}

/// Of one of our own networks, or an address in it.
bool is_own(const AddressInputs& inputs, const net::Subnet& subnet) {
  return std::ranges::any_of(inputs.networks, [&](const state::NetworkRecord& record) {
    const auto own = net::parse_subnet(record.subnet);
    return own && own->prefix <= subnet.prefix && net::contains(*own, subnet.address);
  });
}

/// Networks of containers beside the host's own, on a device of its.
bool is_beside(const model::Network& network) {
  return network.driver == "macvlan" || network.driver == "ipvlan";
}

/// The subnet the file asks for, if any, checked against what the host has.
Result<std::optional<net::Subnet>> declared_subnet(const AddressInputs& inputs, const model::Network& network) {
  for (const model::IpamPool& pool : network.ipam) {
    if (pool.subnet.empty() || pool.subnet.find(':') != std::string::npos) {
      continue;
    }
    auto subnet = net::parse_subnet(pool.subnet);
    if (!subnet) {
      return std::move(subnet).error().context(fmt::format("network '{}'", network.key)).at(pool.where);
    }
    for (const net::Subnet& taken : inputs.host_subnets) {
      // A default route contains everything and takes nothing; our own bridge of before gives way to the new one.
      if (!is_beside(network) && taken.prefix > 0 && net::overlaps(*subnet, taken) && !is_own(inputs, taken)) {
        return make_error(Code::kConflict,
                          fmt::format("network '{}': subnet {} overlaps {}, which this host has already", network.key,
                                      pool.subnet, net::format_subnet(taken)))
            .at(pool.where);
      }
    }
    return std::optional(*subnet);
  }
  return std::optional<net::Subnet>();
}

/// Another project's network, by its name on the host; this project only uses it.
Result<state::NetworkRecord> find_external(const AddressInputs& inputs, const model::Network& network) {
  const auto found = std::ranges::find(inputs.neighbour_networks, network.name, &state::NetworkRecord::name);
  if (found == inputs.neighbour_networks.end()) {
    return make_error(Code::kNotFound,
                      fmt::format("network {} declared as external, but could not be found", network.name))
        .at(network.where);
  }
  state::NetworkRecord record = *found;
  record.key = network.key;
  return record;
}

/// The file's IPv6 network, or one of our own that no file needs to name.
Status plan_ipv6(const AddressInputs& inputs, const model::Network& network, state::NetworkRecord& record) {
  const auto declared = std::ranges::find_if(
      network.ipam, [](const model::IpamPool& pool) { return pool.subnet.find(':') != std::string::npos; });
  if (!network.enable_ipv6) {
    return {};
  }
  if (declared == network.ipam.end()) {
    record.subnet6 = net::unique_local_subnet(fmt::format("{}\n{}", inputs.roots.run, network.name));
    record.gateway6 = net::nth_address6(record.subnet6, 1);
    return {};
  }
  auto subnet = net::parse_subnet6(declared->subnet);
  if (!subnet) {
    return std::move(subnet).error().context(fmt::format("network '{}'", network.key)).at(declared->where);
  }
  record.subnet6 = *subnet;
  record.gateway6 = net::nth_address6(record.subnet6, 1);
  if (!declared->gateway.empty()) {
    auto gateway = net::parse_ipv6(declared->gateway);
    if (!gateway || !net::contains6(record.subnet6, *gateway)) {
      return make_error(Code::kInvalid, fmt::format("network '{}': gateway '{}' is not an address of {}", network.key,
                                                    declared->gateway, record.subnet6))
          .at(declared->where);
    }
    record.gateway6 = *gateway;
  }
  return {};
}

/// The bridge, or the device of the host that takes its place.
Status plan_device(const AddressInputs& inputs, const model::Network& network, state::NetworkRecord& record) {
  if (!is_beside(network)) {
    const std::string own_name = network_option(network.driver_opts, "com.docker.network.bridge.name");
    record.bridge = own_name.empty() ? state::bridge_device(inputs.roots, network.name) : own_name;
    return {};
  }
  record.driver = network.driver;
  record.parent = network_option(network.driver_opts, "parent");
  if (record.parent.empty()) {
    return make_error(Code::kInvalid, fmt::format("network '{}': {} needs the device of this host that carries it "
                                                  "(driver_opts: parent: eth0)",
                                                  network.key, network.driver))
        .at(network.where);
  }
  return {};
}

Result<state::NetworkRecord> plan_network(const AddressInputs& inputs, const model::Network& network,
                                          std::vector<net::Subnet>& taken) {
  if (const auto* record = find_record(inputs, network)) {
    return *record;
  }
  if (const auto* shared = find_shared(inputs, network.name)) {
    state::NetworkRecord record = *shared;
    record.key = network.key;
    record.config_hash = network.config_hash;
    record.labels = network.labels;
    return record;
  }
  CMP_TRY(std::optional<net::Subnet> subnet, declared_subnet(inputs, network));
  if (!subnet) {
    const auto before = inputs.remembered.networks.find(network.name);
    const auto wanted =
        before == inputs.remembered.networks.end() ? net::parse_subnet("") : net::parse_subnet(before->second);
    CMP_TRY(subnet, net::choose_subnet(inputs.pools, taken, wanted ? std::optional(*wanted) : std::nullopt)
                        .context(fmt::format("network '{}'", network.key)));
  }
  taken.push_back(*subnet);
  state::NetworkRecord record;
  record.key = network.key;
  record.name = network.name;
  record.project = inputs.project.name;
  CMP_CHECK(plan_device(inputs, network, record));
  record.subnet = net::format_subnet(*subnet);
  record.config_hash = network.config_hash;
  record.internal = network.internal;
  record.options = network.driver_opts;
  record.labels = network.labels;
  CMP_CHECK(plan_ipv6(inputs, network, record));
  return record;
}

}  // namespace

std::string network_option(const std::map<std::string, std::string>& options, const char* key) {
  const auto it = options.find(key);
  return it == options.end() ? "" : it->second;
}

const model::IpamPool* declared_pool(const AddressInputs& inputs, const model::Network& network) {
  if (find_shared(inputs, network.name) != nullptr) {
    return nullptr;
  }
  const auto pool = std::ranges::find_if(
      network.ipam, [](const model::IpamPool& each) { return each.subnet.find(':') == std::string::npos; });
  return pool == network.ipam.end() ? nullptr : &*pool;
}

Result<net::AddressPool> make_pool(const model::IpamPool* declared, const state::NetworkRecord& record) {
  CMP_TRY(const net::Subnet subnet, net::parse_subnet(record.subnet));
  std::optional<net::Subnet> range;
  std::optional<std::uint32_t> gateway;
  if (declared == nullptr && !record.gateway.empty()) {
    CMP_TRY(gateway, net::parse_ipv4(record.gateway));
  }
  if (declared != nullptr && !declared->ip_range.empty()) {
    CMP_TRY(range, net::parse_subnet(declared->ip_range));
  }
  if (declared != nullptr && !declared->gateway.empty()) {
    CMP_TRY(gateway, net::parse_ipv4(declared->gateway));
  }
  net::AddressPool pool(subnet, range, gateway);
  if (declared != nullptr) {
    for (const auto& [name, address] : declared->aux_addresses) {
      CMP_TRY(const std::uint32_t number, net::parse_ipv4(address));
      CMP_CHECK(pool.reserve(number, "auxiliary " + name));
    }
  }
  return pool;
}

Status plan_networks(const AddressInputs& inputs, AddressPlan& plan) {
  std::vector<net::Subnet> taken = inputs.host_subnets;
  for (const auto* records : {&inputs.networks, &inputs.neighbour_networks}) {
    for (const state::NetworkRecord& record : *records) {
      if (const auto subnet = net::parse_subnet(record.subnet)) {
        taken.push_back(*subnet);
      }
    }
  }
  for (const auto& [key, network] : inputs.project.networks) {
    if (network.external) {
      CMP_TRY(state::NetworkRecord external, find_external(inputs, network));
      plan.networks.emplace(key, std::move(external));
      continue;
    }
    CMP_TRY(state::NetworkRecord record, plan_network(inputs, network, taken));
    auto pool = make_pool(declared_pool(inputs, network), record);
    if (!pool) {
      return std::move(pool).error().context(fmt::format("network '{}'", key)).at(network.where);
    }
    record.gateway = net::format_ipv4(pool->gateway());
    plan.networks.emplace(key, std::move(record));
  }
  return {};
}

}  // namespace cmp::engine
