// How the networks of a project leave: their devices in one batch, what others use stays.

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "engine/neighbours.hpp"
#include "engine/others.hpp"
#include "supervisor/execution.hpp"

namespace cmp::supervisor {

void Execution::run(const plan::Step& step, const plan::op::RemoveNetwork& op) {
  const auto records = state::read_networks(site_.context.paths);
  state::NetworkRecord network;
  network.key = op.network;
  if (records) {
    const auto found = std::ranges::find(*records, op.network, &state::NetworkRecord::key);
    network = found == records->end() ? network : *found;
  }
  tell("Network " + network.name, "Removing", ProgressStatus::kWorking);
  if (leaving_networks_.empty()) {
    site_.loop.defer([this] { remove_networks(); });
  }
  leaving_networks_.emplace_back(step.id, std::move(network));
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
  for (const auto& [step, network] : networks) {
    if (!network.bridge.empty()) {
      devices_.push_back(network.bridge);
    }
  }
  const Status removed = remove_devices();
  for (const auto& [step, network] : networks) {
    done(step, removed ? state::remove_network_record(site_.context.paths, network.key) : removed,
         "Network " + network.name, "Removed");
  }
}

/// A network that containers of other projects are on stays, as Docker's do.
bool Execution::keep_in_use(int step, const state::NetworkRecord& network) {
  if (!engine::is_shared(site_.context.paths, network.name) ||
      engine::others_on(site_.context.paths, {network.name}).empty()) {
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
