// The part of Containers that keeps those together who share namespaces (network_mode: service:x and its kin).

#include "engine/sharing.hpp"

#include <sys/epoll.h>

#include <algorithm>
#include <utility>

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

/// The end of an owner of our own is told; one of another project has to be watched.
void Containers::follow_owners(Container& container) {
  for (const auto& [kind, shared] : container.record.shares) {
    if (find(shared.container) != nullptr) {
      continue;
    }
    auto process = sys::open_same_process(shared.process);
    if (!process) {
      return seek_owner(container, kFirstBackoff);
    }
    static_cast<void>(loop_.watch(process->get(), EPOLLIN, [this, &container, fd = process->get()](std::uint32_t) {
      loop_.unwatch(fd);
      seek_owner(container, kFirstBackoff);
    }));
    container.strangers.push_back(std::move(*process));
  }
}

/// Nobody tells when another project starts its container again: it is looked for, ever more rarely.
void Containers::seek_owner(Container& container, Nanoseconds delay) {
  static constexpr Nanoseconds kLongest = std::chrono::seconds(5);
  state::ContainerRecord found = container.record;
  if (engine::find_owners(context_, *project_, found) && found.shares != container.record.shares) {
    return dispatch(container, {.kind = EventKind::kRejoin});
  }
  loop_.cancel(container.seeking);
  container.seeking = loop_.after(delay, [this, &container, delay] {
    container.seeking = 0;
    seek_owner(container, std::min(delay * 2, kLongest));
  });
}

void Containers::forget_watches(Container& container) {
  loop_.cancel(std::exchange(container.patience, 0));
  loop_.cancel(std::exchange(container.seeking, 0));
  for (const UniqueFd& stranger : container.strangers) {
    loop_.unwatch(stranger.get());
  }
  container.strangers.clear();
}

}  // namespace cmp::supervisor
