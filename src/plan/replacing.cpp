#include "plan/replacing.hpp"

#include <algorithm>

namespace cmp::plan {

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
