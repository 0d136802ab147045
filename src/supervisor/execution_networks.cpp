// The part of Execution that makes and removes networks: their devices leave in one batch, what others use stays.

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "engine/bridges.hpp"
#include "engine/neighbours.hpp"
#include "supervisor/execution.hpp"

namespace cmp::supervisor {

void Execution::run(const plan::Step& step, const plan::op::CreateNetwork& op) {
  const std::string id = "Network " + site_.addresses.networks.at(op.network).name;
  tell(id, "Creating", ProgressStatus::kWorking);
  done(step.id, create_network(site_.addresses.networks.at(op.network)), id, "Created");
}

/// Chosen long ago, as when containers had to be stopped first: somebody may have taken it since.
Status Execution::check_still_free(const state::NetworkRecord& record) {
  if (record.subnet.empty()) {
    return {};
  }
  CMP_TRY(const net::Subnet wanted, net::parse_subnet(record.subnet));
  CMP_TRY(const auto taken, site_.context.links.host_subnets());
  const bool own = engine::network_in_use(site_.context.paths, record.name);
  for (const net::Subnet& other : taken) {
    if (!own && net::overlaps(wanted, other)) {
      return make_error(Code::kConflict,
                        fmt::format("subnet {} has been taken meanwhile; another 'up' chooses anew", record.subnet));
    }
  }
  return {};
}

/// A macvlan or ipvlan has nothing of its own on the host.
Status Execution::check_parent(const state::NetworkRecord& record) {
  CMP_TRY(const auto devices, site_.context.links.devices(record.parent));
  if (std::ranges::find(devices, record.parent) == devices.end()) {
    return make_error(Code::kNotFound, fmt::format("driver_opts: parent: there is no device '{}'", record.parent));
  }
  return {};
}

Status Execution::create_network(const state::NetworkRecord& record) {
  const std::string noun = fmt::format("network '{}'", record.key);
  std::optional<net::Reservation> late;
  if (!site_.reservation || !site_.reservation->held()) {
    CMP_TRY(late, net::Reservation::take());
    if (record.driver.empty()) {
      CMP_CHECK(check_still_free(record).context(noun));
    }
  }
  CMP_CHECK(state::write_record(site_.context.paths, record));
  if (!record.driver.empty()) {
    return check_parent(record).context(noun);
  }
  CMP_TRY(const net::Bridge bridge, engine::bridge_of(record));
  return site_.context.links.create_bridge(bridge).context(noun);
}

void Execution::run(const plan::Step& step, const plan::op::RemoveNetwork& op) {
  const auto records = state::read_networks(site_.context.paths);
  state::NetworkRecord network;
  network.key = op.network;
  if (records) {
    const auto found = std::ranges::find(*records, op.network, &state::NetworkRecord::key);
    network = found == records->end() ? network : *found;
  }
  tell("Network " + network.name, "Removing", ProgressStatus::kWorking);
  if (site_.retired != nullptr && !network.name.empty()) {
    site_.retired->networks.emplace(op.network, network);  // taking it back removes its successor, too
  }
  if (leaving_networks_.empty()) {
    site_.loop.defer([this] { remove_networks(); });
  }
  leaving_networks_.emplace_back(step.id, std::move(network));
}

void Execution::run(const plan::Step& step, const plan::op::RestoreNetwork& op) {
  const auto before = site_.retired == nullptr ? std::map<std::string, state::NetworkRecord>::node_type()
                                               : site_.retired->networks.extract(op.network);
  if (before.empty()) {
    return complete(step.id, {});
  }
  done(step.id, create_network(before.mapped()), "Network " + before.mapped().name, "Restored");
}

/// Another project has its containers there: only our part of it goes.
void Execution::leave_network(int step, const state::NetworkRecord& network) {
  tell("Network " + network.name, "Resource is still in use", ProgressStatus::kWarning);
  complete(step, state::remove_network_record(site_.context.paths, network.key));
}

void Execution::remove_networks() {
  auto networks = std::exchange(leaving_networks_, {});
  std::erase_if(networks, [this](const auto& leaving) { return keep_in_use(leaving.first, leaving.second); });
  const auto shared = [this](const auto& leaving) {
    return engine::network_in_use(site_.context.paths, leaving.second.name);
  };
  std::optional<net::Reservation> reservation;
  if (std::ranges::any_of(networks, shared)) {
    // Looked at again, alone: of two that go at the same time the last one takes the bridge with it.
    if (auto taken = net::Reservation::take()) {
      reservation = *std::move(taken);
    }
    const auto kept = std::stable_partition(networks.begin(), networks.end(), std::not_fn(shared));
    std::for_each(kept, networks.end(), [this](const auto& leaving) { leave_network(leaving.first, leaving.second); });
    networks.erase(kept, networks.end());
  }
  const Status removed = remove_bridges(networks);
  for (const auto& [step, network] : networks) {
    done(step, removed ? state::remove_network_record(site_.context.paths, network.key) : removed,
         "Network " + network.name, "Removed");
  }
}

/// Whose name a file has chosen may belong to somebody else: that one stays.
Status Execution::remove_bridges(const std::vector<std::pair<int, state::NetworkRecord>>& networks) {
  std::vector<std::string> chosen;
  for (const auto& [step, network] : networks) {
    const bool own_name = network.bridge == state::bridge_device(site_.context.paths.roots(), network.name);
    if (!network.bridge.empty()) {
      (own_name ? devices_ : chosen).push_back(network.bridge);
    }
  }
  if (!chosen.empty()) {
    CMP_TRY(const auto foreign, site_.context.links.foreign_devices(chosen));
    std::erase_if(chosen, [&](const auto& name) { return std::ranges::find(foreign, name) != foreign.end(); });
    devices_.insert(devices_.end(), chosen.begin(), chosen.end());
  }
  return remove_devices();
}

/// A network that containers of other projects are on stays, as Docker's do.
bool Execution::keep_in_use(int step, const state::NetworkRecord& network) {
  if (!engine::is_shared(site_.context.paths, network.name) ||
      engine::neighbours_on(site_.context.paths, {network.name}).empty()) {
    return false;
  }
  tell("Network " + network.name, "Resource is still in use", ProgressStatus::kWarning);
  complete(step, {});
  return true;
}

/// All at once: the kernel waits for the readers of its device list for each message, not for each device.
Status Execution::remove_devices() {
  const auto devices = std::exchange(devices_, {});
  return devices.empty() ? Status() : site_.context.links.remove_devices(devices);
}

}  // namespace cmp::supervisor
