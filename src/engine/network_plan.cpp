#include "engine/network_plan.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "net/address6.hpp"

namespace cmp::engine {

namespace {

const state::NetworkRecord* find_record(const AddressInputs& inputs, const model::Network& network) {
  const auto it = std::ranges::find(inputs.networks, network.key, &state::NetworkRecord::key);
  const bool stays = it != inputs.networks.end() &&
                     (it->config_hash == network.config_hash || !inputs.made_anew.contains(network.key));
  return stays ? &*it : nullptr;
}

/// The same network as another project has it.
const state::NetworkRecord* find_shared(const AddressInputs& inputs, const std::string& name) {
  const auto it = std::ranges::find(inputs.neighbour_networks, name, &state::NetworkRecord::name);
  return it == inputs.neighbour_networks.end() ? nullptr : &*it;
}

/// The subnet that a network had before: it is had again if it can.
std::optional<net::Subnet> subnet_before(const AddressInputs& inputs, const model::Network& network) {
  const auto record = std::ranges::find(inputs.networks, network.key, &state::NetworkRecord::key);
  const auto remembered = inputs.remembered.networks.find(network.name);
  const auto subnet = net::parse_subnet(record != inputs.networks.end()                  ? record->subnet
                                        : remembered != inputs.remembered.networks.end() ? remembered->second
                                                                                         : "");
  return subnet ? std::optional(*subnet) : std::nullopt;
}

/// Of a network of ours that is made anew, or an address in it.
bool gives_way(const AddressInputs& inputs, const net::Subnet& subnet) {
  return std::ranges::any_of(inputs.networks, [&](const state::NetworkRecord& record) {
    const auto own = net::parse_subnet(record.subnet);
    return own && inputs.made_anew.contains(record.key) && own->prefix <= subnet.prefix &&
           net::contains(*own, subnet.address);
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
      if (!is_beside(network) && taken.prefix > 0 && net::overlaps(*subnet, taken) && !gives_way(inputs, taken)) {
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
  if (!network.enable_ipv6) {
    return {};
  }
  const model::IpamPool* const declared = declared_pool6(network);
  if (declared == nullptr) {
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
    CMP_TRY(record.gateway6, net::parse_ipv6(declared->gateway));
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
  state::NetworkRecord record;
  if (network.enable_ipv4) {
    CMP_TRY(std::optional<net::Subnet> subnet, declared_subnet(inputs, network));
    if (!subnet) {
      CMP_TRY(subnet, net::choose_subnet(inputs.pools, taken, subnet_before(inputs, network))
                          .context(fmt::format("network '{}'", network.key)));
    }
    taken.push_back(*subnet);
    record.subnet = net::format_subnet(*subnet);
  }
  record.key = network.key;
  record.name = network.name;
  record.project = inputs.project.name;
  CMP_CHECK(plan_device(inputs, network, record));
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

std::optional<bool> option_flag(const std::string& text) {
  constexpr std::string_view kTrue = " 1 t T true TRUE True ";
  constexpr std::string_view kFalse = " 0 f F false FALSE False ";
  const std::string word = fmt::format(" {} ", text);
  const bool on = kTrue.find(word) != std::string_view::npos;
  return on || kFalse.find(word) != std::string_view::npos ? std::optional(on) : std::nullopt;
}

std::optional<std::uint32_t> number_of(const state::NetworkRecord& network, const std::string& address) {
  if (!network.subnet.empty()) {
    const auto number = net::parse_ipv4(address);
    return number ? std::optional(*number) : std::nullopt;
  }
  const bool six = net::parse_ipv6(address) && net::contains6(network.subnet6, address);
  return six ? std::optional(net::number_in6(network.subnet6, address)) : std::nullopt;
}

const model::IpamPool* declared_pool(const AddressInputs& inputs, const model::Network& network) {
  if (find_shared(inputs, network.name) != nullptr) {
    return nullptr;
  }
  const auto pool = std::ranges::find_if(
      network.ipam, [](const model::IpamPool& each) { return each.subnet.find(':') == std::string::npos; });
  return pool == network.ipam.end() || !network.enable_ipv4 ? nullptr : &*pool;
}

const model::IpamPool* declared_pool6(const model::Network& network) {
  const auto pool = std::ranges::find_if(
      network.ipam, [](const model::IpamPool& each) { return each.subnet.find(':') != std::string::npos; });
  return pool == network.ipam.end() ? nullptr : &*pool;
}

Result<net::AddressPool> make_pool(const model::IpamPool* declared, const state::NetworkRecord& record) {
  if (record.subnet.empty()) {
    constexpr net::Subnet kNumbers{0, 16};
    return net::AddressPool(kNumbers, std::nullopt, std::nullopt);
  }
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

namespace {

/// What automatic subnets have to keep clear of: what the host and other projects have, what the file gives to others,
/// and what stays of our own. A network that is made anew may have what it had.
std::vector<net::Subnet> taken_subnets(const AddressInputs& inputs) {
  std::vector<net::Subnet> taken;
  const auto add = [&taken](const std::string& text) {
    if (const auto subnet = net::parse_subnet(text)) {
      taken.push_back(*subnet);
    }
  };
  for (const state::NetworkRecord& record : inputs.networks) {
    if (!inputs.made_anew.contains(record.key)) {
      add(record.subnet);
    }
  }
  std::ranges::copy_if(inputs.host_subnets, std::back_inserter(taken),
                       [&](const net::Subnet& subnet) { return !gives_way(inputs, subnet); });
  for (const state::NetworkRecord& record : inputs.neighbour_networks) {
    add(record.subnet);
  }
  for (const auto& [key, network] : inputs.project.networks) {
    for (const model::IpamPool& pool : network.ipam) {
      add(pool.subnet);
    }
  }
  return taken;
}

}  // namespace

Status plan_networks(const AddressInputs& inputs, AddressPlan& plan) {
  std::vector<net::Subnet> taken = taken_subnets(inputs);
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
    if (!record.subnet.empty()) {
      record.gateway = net::format_ipv4(pool->gateway());
    }
    plan.networks.emplace(key, std::move(record));
  }
  return {};
}

}  // namespace cmp::engine
