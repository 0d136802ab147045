#include "engine/addresses.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "net/address6.hpp"
#include "net/ipam.hpp"

namespace cmp::engine {

namespace {

using Pools = std::map<std::string, net::AddressPool>;

const state::NetworkRecord* find_record(const AddressInputs& inputs, const model::Network& network) {
  const auto it = std::ranges::find(inputs.networks, network.key, &state::NetworkRecord::key);
  return it != inputs.networks.end() && it->config_hash == network.config_hash ? &*it : nullptr;
}

/// The same network as another project has it.
const state::NetworkRecord* find_shared(const AddressInputs& inputs, const std::string& name) {
  const auto it = std::ranges::find(inputs.neighbour_networks, name, &state::NetworkRecord::name);
  return it == inputs.neighbour_networks.end() ? nullptr : &*it;
}

bool is_own(const AddressInputs& inputs, const net::Subnet& subnet) {
  return std::ranges::find(inputs.networks, net::format_subnet(subnet), &state::NetworkRecord::subnet) !=
         inputs.networks.end();
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
      if (taken.prefix > 0 && net::overlaps(*subnet, taken) && !is_own(inputs, taken)) {
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

std::string option(const std::map<std::string, std::string>& options, const char* key) {
  const auto it = options.find(key);
  return it == options.end() ? "" : it->second;
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
    CMP_TRY(subnet, net::choose_subnet(taken).context(fmt::format("network '{}'", network.key)));
  }
  taken.push_back(*subnet);
  state::NetworkRecord record;
  record.key = network.key;
  record.name = network.name;
  record.project = inputs.project.name;
  const std::string own_name = option(network.driver_opts, "com.docker.network.bridge.name");
  record.bridge = own_name.empty() ? state::bridge_device(inputs.roots, network.name) : own_name;
  record.subnet = net::format_subnet(*subnet);
  record.config_hash = network.config_hash;
  record.internal = network.internal;
  record.options = network.driver_opts;
  record.labels = network.labels;
  CMP_CHECK(plan_ipv6(inputs, network, record));
  return record;
}

/// What the file says of a network's IPv4 addresses; nothing of one that another project has made.
const model::IpamPool* declared_pool(const AddressInputs& inputs, const model::Network& network) {
  if (find_shared(inputs, network.name) != nullptr) {
    return nullptr;
  }
  const auto pool = std::ranges::find_if(
      network.ipam, [](const model::IpamPool& each) { return each.subnet.find(':') == std::string::npos; });
  return pool == network.ipam.end() ? nullptr : &*pool;
}

/// An address pool for a planned network: gateway, range and auxiliary addresses as the file has them.
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

std::vector<std::string> aliases_of(const model::Service& service, const model::Attachment& attachment) {
  std::vector<std::string> aliases = attachment.aliases;
  aliases.push_back(service.name);
  std::ranges::sort(aliases);
  // Not std::ranges::unique: clang 14 cannot read it in libstdc++ 12.
  aliases.erase(std::unique(aliases.begin(), aliases.end()), aliases.end());
  return aliases;
}

/// Networks in the order in which they become eth0, eth1 …: by priority, highest first, then by name.
std::vector<std::string> attachment_order(const model::Service& service) {
  std::vector<std::string> keys;
  for (const auto& [key, attachment] : service.networks) {
    keys.push_back(key);
  }
  std::ranges::stable_sort(keys, std::ranges::greater(),
                           [&](const std::string& key) { return service.networks.at(key).priority; });
  return keys;
}

class Allocation {
 public:
  Allocation(const AddressInputs& inputs, AddressPlan& plan) : inputs_(inputs), plan_(plan) {}

  Status run() {
    for (const auto& [key, record] : plan_.networks) {
      const model::Network& network = inputs_.project.networks.at(key);
      auto pool = make_pool(declared_pool(inputs_, network), record);
      if (!pool) {
        return std::move(pool).error().context(fmt::format("network '{}'", key)).at(network.where);
      }
      pools_.emplace(key, *std::move(pool));
    }
    reserve_neighbours();
    CMP_CHECK(reserve_static());
    reserve_existing();
    for (const auto& [name, service] : inputs_.project.services) {
      for (int number = 1; number <= service.scale; ++number) {
        CMP_CHECK(allocate(service, model::container_name(inputs_.project, service, number)));
      }
    }
    return {};
  }

 private:
  /// Containers of other projects in the same networks.
  void reserve_neighbours() {
    for (const state::ContainerRecord& container : inputs_.neighbour_containers) {
      for (const state::EndpointRecord& endpoint : container.endpoints) {
        const auto network = std::ranges::find_if(
            plan_.networks, [&](const auto& each) { return each.second.name == endpoint.network_name; });
        const auto address = net::parse_ipv4(endpoint.address);
        if (network != plan_.networks.end() && address) {
          static_cast<void>(pools_.at(network->first).reserve(*address, container.name));
        }
      }
    }
  }

  /// Static addresses first: nobody else may get them.
  Status reserve_static() {
    for (const auto& [name, service] : inputs_.project.services) {
      for (const auto& [key, attachment] : service.networks) {
        const auto pool = pools_.find(key);
        if (attachment.ipv4_address.empty() || pool == pools_.end()) {
          continue;
        }
        const std::string noun =
            fmt::format("service '{}': ipv4_address {} on network '{}'", name, attachment.ipv4_address, key);
        const auto address = net::parse_ipv4(attachment.ipv4_address);
        Status reserved = address ? pool->second.reserve(*address, model::container_name(inputs_.project, service, 1))
                                  : Status(address.error());
        if (!reserved) {
          return std::move(reserved).error().context(noun).at(attachment.where);
        }
      }
    }
    return {};
  }

  /// A container that exists keeps its address. One that a static address has been declared over gives way: it is
  /// recreated anyway, because its own or the other service's definition has changed.
  void reserve_existing() {
    for (const state::ContainerRecord& container : inputs_.containers) {
      for (const state::EndpointRecord& endpoint : container.endpoints) {
        reserve(pools_.find(endpoint.network), endpoint, container.name);
      }
    }
  }

  void reserve(Pools::iterator pool, const state::EndpointRecord& endpoint, const std::string& owner) {
    const auto address = net::parse_ipv4(endpoint.address);
    if (pool != pools_.end() && address) {
      static_cast<void>(pool->second.reserve(*address, owner));
    }
  }

  Status allocate(const model::Service& service, const std::string& container) {
    std::vector<state::EndpointRecord> endpoints;
    for (const std::string& key : attachment_order(service)) {
      const auto pool = pools_.find(key);
      if (pool == pools_.end()) {
        continue;
      }
      auto address = pool->second.allocate(container);
      if (!address) {
        return std::move(address).error().context(fmt::format("network '{}'", key)).at(service.networks.at(key).where);
      }
      endpoints.push_back(make_endpoint(service, container, key, *address, endpoints.size()));
      CMP_CHECK(add_ipv6(service, endpoints.back(), *address));
    }
    if (!endpoints.empty()) {
      default_route(service, endpoints);
    }
    plan_.endpoints[container] = std::move(endpoints);
    return {};
  }

  /// The address the file gives, or the one with the number that the IPv4 address has in its network: unique as that
  /// is.
  Status add_ipv6(const model::Service& service, state::EndpointRecord& endpoint, std::uint32_t address) const {
    const state::NetworkRecord& network = plan_.networks.at(endpoint.network);
    if (network.subnet6.empty()) {
      return {};
    }
    const model::Attachment& attachment = service.networks.at(endpoint.network);
    endpoint.prefix6 = net::prefix_of6(network.subnet6);
    const std::uint32_t number = address - net::parse_subnet(network.subnet)->address;
    endpoint.address6 = net::nth_address6(network.subnet6, number);
    if (!attachment.ipv6_address.empty()) {
      const auto wanted = net::parse_ipv6(attachment.ipv6_address);
      if (!wanted || !net::contains6(network.subnet6, *wanted) || *wanted == network.gateway6) {
        return make_error(Code::kInvalid,
                          fmt::format("service '{}': ipv6_address {} on network '{}' is not a free address of {}",
                                      service.name, attachment.ipv6_address, endpoint.network, network.subnet6))
            .at(attachment.where);
      }
      endpoint.address6 = *wanted;
    }
    return {};
  }

  [[nodiscard]] state::EndpointRecord make_endpoint(const model::Service& service, const std::string& container,
                                                    const std::string& key, std::uint32_t address,
                                                    std::size_t index) const {
    const state::NetworkRecord& network = plan_.networks.at(key);
    const model::Attachment& attachment = service.networks.at(key);
    state::EndpointRecord endpoint;
    endpoint.network = key;
    endpoint.network_name = network.name;
    endpoint.bridge = network.bridge;
    endpoint.host_device = state::veth_device(inputs_.roots, container, network.name);
    endpoint.container_device =
        attachment.interface_name.empty() ? fmt::format("eth{}", index) : attachment.interface_name;
    endpoint.address = net::format_ipv4(address);
    endpoint.prefix = net::parse_subnet(network.subnet)->prefix;
    const std::string mtu = option(network.options, "com.docker.network.driver.mtu");
    std::from_chars(mtu.data(), mtu.data() + mtu.size(), endpoint.mtu);
    endpoint.isolated = option(network.options, "com.docker.network.bridge.enable_icc") == "false";
    endpoint.shared = inputs_.project.networks.at(key).external;
    endpoint.aliases = aliases_of(service, attachment);
    return endpoint;
  }

  /// One endpoint has the default route: the highest gw_priority, then the first network that is not internal.
  void default_route(const model::Service& service, std::vector<state::EndpointRecord>& endpoints) const {
    state::EndpointRecord* best = nullptr;
    for (state::EndpointRecord& endpoint : endpoints) {
      if (plan_.networks.at(endpoint.network).internal) {
        continue;
      }
      if (best == nullptr ||
          service.networks.at(endpoint.network).gw_priority > service.networks.at(best->network).gw_priority) {
        best = &endpoint;
      }
    }
    if (best != nullptr) {
      best->gateway = plan_.networks.at(best->network).gateway;
      best->gateway6 = plan_.networks.at(best->network).gateway6;
    }
  }

  const AddressInputs& inputs_;
  AddressPlan& plan_;
  Pools pools_;
};

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

}  // namespace

Result<AddressPlan> plan_addresses(const AddressInputs& inputs) {
  AddressPlan plan;
  CMP_CHECK(plan_networks(inputs, plan));
  CMP_CHECK(Allocation(inputs, plan).run());
  return plan;
}

}  // namespace cmp::engine
