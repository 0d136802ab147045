#include "plan/replacing.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "model/namespaces.hpp"

namespace cmp::plan {

namespace {

/// "" if its containers can be replaced one after another.
std::string why_not_in_turn(const model::Project& project, const Observed& observed, const Decisions& out,
                            const model::Service& service) {
  if (!service.pre_start.empty() || !service.post_start.empty() || !service.pre_stop.empty()) {
    return "it has hooks";
  }
  if (!out.changed_volumes.empty()) {
    return "a volume is made anew, too";
  }
  for (const auto& [key, attachment] : service.networks) {
    if (out.changed_networks.contains(key)) {
      return fmt::format("network {} is made anew, too", key);
    }
  }
  for (const auto& [name, other] : project.services) {
    for (const std::string& owner : model::namespace_owners(project, other)) {
      const auto found = observed.containers.find(owner);
      if (found != observed.containers.end() && found->second.service == service.name) {
        return fmt::format("service '{}' shares its namespaces", name);
      }
    }
  }
  return "";
}

/// Of the version that an update which was broken off is to end with.
bool is_usable_extra(const Observed& observed, const Decisions& out, const Decision& decision) {
  const model::Service* service = decision.service;
  if (service == nullptr || !service->update_config || !service->update_config->start_first) {
    return false;
  }
  const ObservedContainer& container = observed.containers.at(decision.container);
  return container.live && container.config_hash == service->config_hash && container.image_id == service->image_id &&
         std::ranges::any_of(out.containers,
                             [&](const Decision& other) { return other.rolled && other.service == service; });
}

}  // namespace

void decide_rollouts(const model::Project& project, const Observed& observed, const UpOptions& options,
                     Decisions& out) {
  std::set<std::string> told;
  for (Decision& decision : out.containers) {
    if (decision.fate != Fate::kRecreate || decision.service == nullptr || options.no_start ||
        !decision.service->update_config) {
      continue;
    }
    const std::string at_once = why_not_in_turn(project, observed, out, *decision.service);
    decision.rolled = at_once.empty();
    const bool extra = decision.rolled && decision.service->update_config->start_first;
    const std::string obstacle = extra ? why_no_extra(*decision.service) : "";
    const std::string consequence =
        !at_once.empty() ? fmt::format("update_config has no effect this time: {}", at_once)
        : !obstacle.empty()
            ? fmt::format("order start-first needs one container more for a while, but {}: stop-first it is", obstacle)
            : "";
    if (!consequence.empty() && told.insert(decision.service->name).second) {
      out.warnings.push_back(fmt::format("service '{}': {}", decision.service->name, consequence));
    }
  }
  for (Decision& decision : out.containers) {
    decision.extra = decision.fate == Fate::kRemove && is_usable_extra(observed, out, decision);
    decision.fate = decision.extra ? Fate::kKeep : decision.fate;
  }
}

Rollout rollout_of(const model::Project& project, const model::Service& service,
                   const std::vector<Decision>& decisions) {
  Rollout rollout{.service = service.name};
  for (const Decision& decision : decisions) {
    if (decision.service != &service) {
      continue;
    }
    if (decision.rolled) {
      rollout.replaced.push_back({decision.container, decision.number});
      rollout.cause = decision.cause;
      rollout.changes = decision.changes;
    } else if (decision.extra) {
      rollout.leftover.push_back({decision.container, decision.number});
    }
  }
  if (rollout.replaced.empty()) {
    return rollout;
  }
  rollout.how = *service.update_config;
  if (!rollout.how.start_first || !why_no_extra(service).empty()) {
    return rollout;
  }
  const std::size_t wanted = batch_size(rollout.how, rollout.replaced.size());
  for (int number = service.scale + 1; rollout.extra.size() + rollout.leftover.size() < wanted; ++number) {
    std::string name = model::container_name(project, service, number);
    if (std::ranges::find(rollout.leftover, name, &Replica::container) == rollout.leftover.end()) {
      rollout.extra.push_back({std::move(name), number});
    }
  }
  return rollout;
}

std::vector<int> without_doubles(std::vector<int> ids) {
  std::ranges::sort(ids);
  // Not std::ranges::unique: clang 14 cannot read it in libstdc++ 12.
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace cmp::plan
