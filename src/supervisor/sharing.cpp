// The part of Containers that keeps those together who share namespaces (network_mode: service:x and its kin).

#include <algorithm>

#include <fmt/core.h>

#include "model/namespaces.hpp"
#include "supervisor/containers.hpp"

namespace cmp::supervisor {

/// A namespace it joins belongs to a container that is about to run, but does not yet.
bool Containers::owner_is_coming(const Container& container) {
  const auto owners = model::namespace_owners(*project_, container.record.service_definition);
  return std::ranges::any_of(owners, [this](const std::string& name) {
    const Container* owner = find(name);
    return owner != nullptr && owner->machine.wanted && owner->machine.phase != Phase::kPrepared &&
           owner->machine.phase != Phase::kStarting && owner->machine.phase != Phase::kRunning;
  });
}

void Containers::rejoin_sharers() {
  const auto is_stale = [this](const auto& entry) {
    const Container* owner = find(entry.second.container);
    return owner != nullptr && owner->machine.phase == Phase::kRunning && owner->record.process != entry.second.process;
  };
  for (auto& [name, container] : containers_) {
    if (container->machine.phase != Phase::kRunning || std::ranges::none_of(container->record.shares, is_stale)) {
      continue;
    }
    listener_.on_notice(*container, fmt::format("{} is started again: it shares namespaces with a container that was",
                                                container->record.name));
    dispatch(*container, {.kind = EventKind::kRejoin});
  }
}

}  // namespace cmp::supervisor
