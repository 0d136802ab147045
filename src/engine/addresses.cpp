#include "engine/addresses.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "engine/endpoint_options.hpp"
#include "engine/network_plan.hpp"
#include "net/address6.hpp"
#include "net/ipam.hpp"

namespace cmp::engine {

namespace {

using Pools = std::map<std::string, net::AddressPool>;

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

/// Whom a pool has down for a service's virtual address.
std::string owner_of_virtual(const std::string& project, const std::string& service) {
  return fmt::format("service '{}' of project '{}'", service, project);
}

/// The IPv6 address with the number that an IPv4 address has in the same network.
std::string nth_of(const state::NetworkRecord& network, std::uint32_t address) {
  return net::nth_address6(network.subnet6, address - net::parse_subnet(network.subnet)->address);
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
    reserve_remembered();
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
        if (network != plan_.networks.end()) {
          reserve(pools_.find(network->first), endpoint, container);
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
        reserve(pools_.find(endpoint.network), endpoint, container);
      }
    }
  }

  /// What a container had before a reboot of the host is kept for it while nobody else has it.
  void reserve_remembered() {
    for (const auto& [container, addresses] : inputs_.remembered.containers) {
      for (auto& [key, pool] : pools_) {
        const auto before = addresses.find(plan_.networks.at(key).name);
        const auto address = net::parse_ipv4(before == addresses.end() ? "" : before->second);
        if (address && !pool.has(container)) {
          static_cast<void>(pool.reserve(*address, container));
        }
      }
    }
  }

  void reserve(Pools::iterator pool, const state::EndpointRecord& endpoint, const state::ContainerRecord& container) {
    if (pool == pools_.end()) {
      return;
    }
    if (const auto address = net::parse_ipv4(endpoint.address)) {
      static_cast<void>(pool->second.reserve(*address, container.name));
    }
    if (const auto address = net::parse_ipv4(endpoint.virtual_address)) {
      static_cast<void>(pool->second.reserve(*address, owner_of_virtual(container.project, container.service)));
    }
  }

  /// One address for all replicas, from the far end of the network: those of containers are where they would be without
  /// it. Where containers do not reach each other there is none, as it would lead them to each other; nor where no
  /// bridge of ours is.
  Status add_virtual(const model::Service& service, net::AddressPool& pool, state::EndpointRecord& endpoint) const {
    if (service.endpoint_mode != "vip" || endpoint.isolated || !endpoint.driver.empty()) {
      return {};
    }
    CMP_TRY(const std::uint32_t address, pool.allocate_last(owner_of_virtual(inputs_.project.name, service.name)));
    endpoint.virtual_address = net::format_ipv4(address);
    const state::NetworkRecord& network = plan_.networks.at(endpoint.network);
    if (!network.subnet6.empty()) {
      endpoint.virtual_address6 = nth_of(network, address);
    }
    return {};
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
      endpoints.push_back(make_endpoint(service, container, key, *address));
      const model::Attachment& attachment = service.networks.at(key);
      if (auto added = add_options(attachment, plan_.networks.at(key), endpoints.size() - 1, endpoints.back());
          !added) {
        return std::move(added)
            .error()
            .context(fmt::format("service '{}': network '{}'", service.name, key))
            .at(attachment.where);
      }
      CMP_CHECK(add_ipv6(service, endpoints.back(), *address));
      CMP_CHECK(add_virtual(service, pool->second, endpoints.back()).context(fmt::format("network '{}'", key)));
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
    endpoint.address6 = nth_of(network, address);
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
                                                    const std::string& key, std::uint32_t address) const {
    const state::NetworkRecord& network = plan_.networks.at(key);
    const model::Attachment& attachment = service.networks.at(key);
    state::EndpointRecord endpoint;
    endpoint.network = key;
    endpoint.network_name = network.name;
    endpoint.bridge = network.bridge;
    if (network.driver.empty()) {
      endpoint.host_device = state::veth_device(inputs_.roots, container, network.name);
    }
    endpoint.address = net::format_ipv4(address);
    endpoint.prefix = net::parse_subnet(network.subnet)->prefix;
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

}  // namespace

Result<AddressPlan> plan_addresses(const AddressInputs& inputs) {
  AddressPlan plan;
  CMP_CHECK(plan_networks(inputs, plan));
  CMP_CHECK(Allocation(inputs, plan).run());
  return plan;
}

}  // namespace cmp::engine
