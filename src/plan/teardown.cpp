#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "plan/builder.hpp"
#include "plan/plan.hpp"
#include "plan/stopping.hpp"

namespace cmp::plan {

namespace {

std::vector<int> ids(const std::map<std::string, int>& steps) {
  std::vector<int> out;
  for (const auto& [name, id] : steps) {
    out.push_back(id);
  }
  std::ranges::sort(out);
  return out;
}

/// Volumes of other projects that containers of this one have used.
void warn_of_kept(Builder& builder, const Observed& observed) {
  std::set<std::string> used;
  for (const auto& [name, container] : observed.containers) {
    used.insert(container.volumes.begin(), container.volumes.end());
  }
  for (const std::string& volume : used) {
    if (const auto owner = observed.foreign_volumes.find(volume); owner != observed.foreign_volumes.end()) {
      builder.warn(fmt::format("volume \"{}\" is kept: it belongs to project \"{}\"", volume, owner->second));
    }
  }
}

bool is_named(const std::vector<std::string>& services, const ObservedContainer& container) {
  return services.empty() || std::ranges::find(services, container.service) != services.end();
}

/// The services and, in turn, everything that depends on them.
std::vector<std::string> with_dependants(const Observed& observed, std::vector<std::string> services) {
  // It grows while it is walked.
  for (std::size_t i = 0; i < services.size(); ++i) {
    for (const auto& [name, container] : observed.containers) {
      const bool known = std::ranges::find(services, container.service) != services.end();
      if (!known && container.depends_on.contains(services[i])) {
        services.push_back(container.service);
      }
    }
  }
  return services;
}

}  // namespace

Plan teardown(const Observed& observed, const DownOptions& options) {
  Builder builder;
  const auto services = with_dependants(observed, options.services);
  std::vector<std::string> names;
  for (const auto& [name, container] : observed.containers) {
    if (is_named(services, container)) {
      names.push_back(name);
    }
  }
  const auto removed = ids(write_stops_and_removals(builder, observed, {.leaving = names}, {}, options.timeout_s));
  // A network or volume that is in use stays.
  if (names.size() < observed.containers.size()) {
    return std::move(builder).take();
  }
  for (const auto& [key, network] : observed.networks) {
    builder.add(network_resource(network.name), "", op::RemoveNetwork{key}, removed);
  }
  if (options.volumes) {
    warn_of_kept(builder, observed);
    for (const auto& [key, volume] : observed.volumes) {
      builder.add(volume_resource(volume.name), "--volumes", op::RemoveVolume{volume.name}, removed);
    }
  }
  return std::move(builder).take();
}

Plan stop(const Observed& observed, const std::vector<std::string>& services, std::optional<int> timeout_s) {
  Builder builder;
  std::vector<std::string> names;
  for (const auto& [name, container] : observed.containers) {
    if (is_named(services, container)) {
      names.push_back(name);
    }
  }
  write_stops(builder, observed, names, {}, timeout_s);
  return std::move(builder).take();
}

Plan remove(const Observed& observed, const std::vector<std::string>& services,
            const std::vector<std::string>& containers) {
  Builder builder;
  std::vector<std::string> names;
  for (const auto& [name, container] : observed.containers) {
    const bool meant = containers.empty() || std::ranges::find(containers, name) != containers.end();
    if (meant && is_named(services, container) && !container.live) {
      names.push_back(name);
    }
  }
  write_stops_and_removals(builder, observed, {.leaving = names}, {}, std::nullopt);
  return std::move(builder).take();
}

Plan undo(const Plan& plan, const std::vector<bool>& done) {
  Builder builder;
  std::vector<int> removed;
  for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
    if (!done[static_cast<std::size_t>(step->id)]) {
      continue;
    }
    const std::string cause = "up failed";
    if (const auto* prepared = std::get_if<op::PrepareContainer>(&step->op); prepared != nullptr) {
      const int stopped =
          builder.add(step->resource, cause, op::StopContainer{prepared->container, prepared->service, 0});
      if (prepared->fresh) {
        removed.push_back(
            builder.add(step->resource, cause, op::RemoveContainer{prepared->container, prepared->service}, {stopped}));
      }
    } else if (const auto* created = std::get_if<op::CreateContainer>(&step->op); created != nullptr) {
      removed.push_back(builder.add(step->resource, cause, op::RemoveContainer{created->container, created->service}));
    } else if (const auto* network = std::get_if<op::CreateNetwork>(&step->op); network != nullptr) {
      builder.add(step->resource, cause, op::RemoveNetwork{network->network}, removed);
    } else if (const auto* volume = std::get_if<op::CreateVolume>(&step->op); volume != nullptr) {
      builder.add(step->resource, cause, op::RemoveVolume{step->resource.substr(sizeof("volume:") - 1)}, removed);
    }
  }
  return std::move(builder).take();
}

}  // namespace cmp::plan
