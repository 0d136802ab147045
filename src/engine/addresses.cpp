#include "engine/addresses.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "engine/endpoint_options.hpp"
#include "engine/network_checks.hpp"
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

/// What has the number in the pool of a network, for those that keep a place in it.
std::string text_of(const state::NetworkRecord& network, std::uint32_t number) {
  return network.subnet.empty() ? "" : net::format_ipv4(number);
}

/// "eth0", "eth1" …, without those that the file gives to interfaces of the service.
class InterfaceNames {
 public:
  explicit InterfaceNames(const model::Service& service) {
    for (const auto& [key, attachment] : service.networks) {
      given_.insert(given_interface_name(attachment));
    }
  }

  std::string next() {
    std::string name = fmt::format("eth{}", number_++);
    return given_.contains(name) ? next() : name;
  }

 private:
  std::set<std::string> given_;
  int number_ = 0;
};

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
    CMP_CHECK(reserve_static6());
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
          taken6_[network->first].emplace(endpoint.address6, container.name);
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

  /// Addresses of IPv6 that the file gives to somebody.
  Status reserve_static6() {
    for (const auto& [key, record] : plan_.networks) {
      taken6_[key][record.gateway6] = "the gateway";
      const model::IpamPool* const pool = declared_pool6(inputs_.project.networks.at(key));
      for (const auto& [name, address] : pool == nullptr ? std::map<std::string, std::string>() : pool->aux_addresses) {
        CMP_TRY(std::string text, net::parse_ipv6(address));
        taken6_[key][std::move(text)] = "auxiliary " + name;
      }
    }
    for (const auto& [name, service] : inputs_.project.services) {
      for (const auto& [key, attachment] : service.networks) {
        if (attachment.ipv6_address.empty() || !plan_.networks.contains(key)) {
          continue;
        }
        if (Status reserved = reserve_static6(service, key, attachment); !reserved) {
          const std::string noun =
              fmt::format("service '{}': ipv6_address {} on network '{}'", name, attachment.ipv6_address, key);
          return std::move(reserved).error().context(noun).at(attachment.where);
        }
      }
    }
    return {};
  }

  Status reserve_static6(const model::Service& service, const std::string& key, const model::Attachment& attachment) {
    const state::NetworkRecord& network = plan_.networks.at(key);
    const std::string container = model::container_name(inputs_.project, service, 1);
    CMP_TRY(const std::string wanted, net::parse_ipv6(attachment.ipv6_address));
    if (!net::contains6(network.subnet6, wanted)) {
      return make_error(Code::kInvalid, fmt::format("is not an address of {}", network.subnet6));
    }
    const auto [entry, is_new] = taken6_[key].emplace(wanted, container);
    if (!is_new && entry->second != container) {
      return make_error(Code::kConflict, fmt::format("belongs to {} already", entry->second));
    }
    return {};
  }

  /// The IPv6 address with the number that the owner has in the pool; where the file gives that to somebody else, one
  /// further on whose last 16 bits are the same.
  Result<std::string> nth6(const std::string& key, std::uint32_t number, const std::string& owner) {
    constexpr std::uint32_t kStep = 0x10000;
    constexpr std::uint32_t kMostTries = 16;
    const state::NetworkRecord& network = plan_.networks.at(key);
    const model::IpamPool* const pool = declared_pool6(inputs_.project.networks.at(key));
    const bool ranged = pool != nullptr && !pool->ip_range.empty();
    const std::string& range = ranged ? pool->ip_range : network.subnet6;
    const std::uint32_t first = network.subnet.empty() ? 0 : net::parse_subnet(network.subnet)->address;
    for (std::uint32_t i = 0; i < kMostTries; ++i) {
      std::string address = net::nth_address6(range, number - first + i * kStep);
      if (!net::contains6(range, address)) {
        break;
      }
      const auto [entry, is_new] = taken6_[key].emplace(address, owner);
      if (is_new || entry->second == owner) {
        return address;
      }
    }
    return make_error(Code::kConflict, fmt::format("network '{}': no free address is left in {}", key, range));
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
        const auto number = number_of(plan_.networks.at(key), before == addresses.end() ? "" : before->second);
        if (number && !pool.has(container)) {
          static_cast<void>(pool.reserve(*number, container));
        }
      }
    }
  }

  void reserve(Pools::iterator pool, const state::EndpointRecord& endpoint, const state::ContainerRecord& container) {
    if (pool == pools_.end()) {
      return;
    }
    const state::NetworkRecord& network = plan_.networks.at(pool->first);
    const bool v4 = !network.subnet.empty();
    if (const auto number = number_of(network, v4 ? endpoint.address : endpoint.address6)) {
      static_cast<void>(pool->second.reserve(*number, container.name));
    }
    if (const auto number = number_of(network, v4 ? endpoint.virtual_address : endpoint.virtual_address6)) {
      static_cast<void>(pool->second.reserve(*number, owner_of_virtual(container.project, container.service)));
    }
  }

  /// One address for all replicas, from the far end of the network: those of containers are where they would be without
  /// it. Where containers do not reach each other there is none, as it would lead them to each other; nor where no
  /// bridge of ours is.
  Status add_virtual(const model::Service& service, net::AddressPool& pool, state::EndpointRecord& endpoint) {
    if (service.endpoint_mode != "vip" || endpoint.isolated || !endpoint.driver.empty()) {
      return {};
    }
    const std::string owner = owner_of_virtual(inputs_.project.name, service.name);
    CMP_TRY(const std::uint32_t number, pool.allocate_last(owner));
    const state::NetworkRecord& network = plan_.networks.at(endpoint.network);
    endpoint.virtual_address = text_of(network, number);
    if (!network.subnet6.empty()) {
      CMP_TRY(endpoint.virtual_address6, nth6(endpoint.network, number, owner));
    }
    return {};
  }

  Status allocate(const model::Service& service, const std::string& container) {
    std::vector<state::EndpointRecord> endpoints;
    InterfaceNames names(service);
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
      if (auto added = add_options(attachment, plan_.networks.at(key), names.next(), endpoints.back()); !added) {
        return std::move(added)
            .error()
            .context(fmt::format("service '{}': network '{}'", service.name, key))
            .at(attachment.where);
      }
      CMP_CHECK(add_ipv6(service, container, endpoints.back(), *address));
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
  Status add_ipv6(const model::Service& service, const std::string& container, state::EndpointRecord& endpoint,
                  std::uint32_t number) {
    const state::NetworkRecord& network = plan_.networks.at(endpoint.network);
    if (network.subnet6.empty()) {
      return {};
    }
    const model::Attachment& attachment = service.networks.at(endpoint.network);
    endpoint.prefix6 = net::prefix_of6(network.subnet6);
    if (attachment.ipv6_address.empty()) {
      CMP_TRY(endpoint.address6, nth6(endpoint.network, number, container));
    } else {
      CMP_TRY(endpoint.address6, net::parse_ipv6(attachment.ipv6_address));
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
    endpoint.address = text_of(network, address);
    if (!network.subnet.empty()) {
      endpoint.prefix = net::parse_subnet(network.subnet)->prefix;
    }
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
  std::map<std::string, std::map<std::string, std::string>> taken6_;  ///< by network: address → who has it
};

}  // namespace

Result<AddressPlan> plan_addresses(const AddressInputs& inputs) {
  AddressPlan plan;
  CMP_CHECK(combined(network_errors(inputs.project)));
  CMP_CHECK(plan_networks(inputs, plan));
  CMP_CHECK(Allocation(inputs, plan).run());
  return plan;
}

}  // namespace cmp::engine
