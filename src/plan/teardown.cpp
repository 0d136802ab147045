#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "plan/builder.hpp"
#include "plan/decide.hpp"
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

bool is_orphan(const DownOptions& options, const ObservedContainer& container) {
  return options.declared && !container.one_off &&
         std::ranges::find(*options.declared, container.service) == options.declared->end();
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

/// Walks a plan backwards.
class UndoWriter {
 public:
  UndoWriter(const Plan& plan, const std::vector<bool>& done)
      : plan_(plan), done_(done), recreated_(recreated_containers(plan)) {}

  Plan run() && {
    for (auto step = plan_.steps.rbegin(); step != plan_.steps.rend(); ++step) {
      if (done_[static_cast<std::size_t>(step->id)]) {
        std::visit([&](const auto& op) { take_back(*step, op); }, step->op);
      }
    }
    return std::move(builder_).take();
  }

 private:
  void take_back(const Step& step, const op::PrepareContainer& prepared) {
    const int stopped = builder_.add(step.resource, kCause, op::StopContainer{prepared.container, prepared.service, 0});
    gone_[prepared.container] = stopped;
    if (prepared.fresh) {
      const op::RemoveContainer removal{prepared.container, prepared.service, recreated_.contains(prepared.container)};
      gone_[prepared.container] = builder_.add(step.resource, kCause, removal, {stopped});
    }
  }

  void take_back(const Step& step, const op::CreateContainer& created) {
    gone_[created.container] =
        builder_.add(step.resource, kCause, op::RemoveContainer{created.container, created.service});
  }

  /// Its successor has been taken back by now: that was a later step.
  void take_back(const Step& step, const op::RemoveContainer& removed) {
    if (recreated_.contains(removed.container)) {
      const auto successor = gone_.find(removed.container);
      builder_.add(step.resource, kCause, op::RestoreContainer{removed.container, removed.service},
                   successor == gone_.end() ? std::vector<int>() : std::vector<int>{successor->second});
    }
  }

  void take_back(const Step& step, const op::UpdateContainer& update) {
    builder_.add(step.resource, kCause, op::UpdateContainer{update.container, update.service, update.number, true});
  }

  void take_back(const Step& step, const op::ConnectContainer& connected) {
    const auto stopped = gone_.find(connected.container);
    builder_.add(step.resource, kCause, op::RestoreContainer{connected.container, connected.service},
                 stopped == gone_.end() ? std::vector<int>() : std::vector<int>{stopped->second});
  }

  void take_back(const Step& step, const op::CreateNetwork& network) {
    networks_[network.network] = builder_.add(step.resource, kCause, op::RemoveNetwork{network.network}, ids(gone_));
  }

  void take_back(const Step& step, const op::RemoveNetwork& network) {
    const auto successor = networks_.find(network.network);
    builder_.add(step.resource, kCause, op::RestoreNetwork{network.network},
                 successor == networks_.end() ? std::vector<int>() : std::vector<int>{successor->second});
  }

  void take_back(const Step& step, const op::CreateVolume& /*volume*/) {
    const std::string name = step.resource.substr(sizeof("volume:") - 1);
    unmade_[name] = builder_.add(step.resource, kCause, op::RemoveVolume{name, true}, ids(gone_));
  }

  void take_back(const Step& step, const op::RemoveVolume& removed) {
    const auto successor = unmade_.find(removed.name);
    builder_.add(step.resource, kCause, op::RestoreVolume{removed.name},
                 successor == unmade_.end() ? std::vector<int>() : std::vector<int>{successor->second});
  }

  template <typename Other>
  void take_back(const Step& /*step*/, const Other& /*op*/) {}

  static constexpr const char* kCause = "up failed";
  const Plan& plan_;
  const std::vector<bool>& done_;
  std::set<std::string> recreated_;
  std::map<std::string, int> gone_;      ///< container → the step that stops or removes what this plan had made
  std::map<std::string, int> networks_;  ///< the same for networks, by key
  std::map<std::string, int> unmade_;    ///< the same for volumes, by name
  Builder builder_;
};

}  // namespace

Plan teardown(const Observed& observed, const DownOptions& options) {
  Builder builder;
  const auto services = with_dependants(observed, options.services);
  std::vector<std::string> names, orphans;
  for (const auto& [name, container] : observed.containers) {
    if (is_named(services, container)) {
      (is_orphan(options, container) ? orphans : names).push_back(name);
    }
  }
  if (!orphans.empty()) {
    builder.warn(orphan_warning(orphans));
  }
  const auto removed = ids(write_stops_and_removals(builder, observed, {.leaving = names}, {}, options.timeout_s));
  if (!options.services.empty()) {
    return std::move(builder).take();
  }
  // What an orphan uses stays with it.
  std::set<std::string> networks, volumes;
  for (const std::string& name : orphans) {
    const ObservedContainer& orphan = observed.containers.at(name);
    networks.insert(orphan.networks.begin(), orphan.networks.end());
    volumes.insert(orphan.volumes.begin(), orphan.volumes.end());
  }
  for (const auto& [key, network] : observed.networks) {
    if (!networks.contains(key)) {
      builder.add(network_resource(network.name), "", op::RemoveNetwork{key}, removed);
    }
  }
  if (options.volumes) {
    warn_of_kept(builder, observed);
    for (const auto& [key, volume] : observed.volumes) {
      if (!volumes.contains(volume.name)) {
        builder.add(volume_resource(volume.name), "--volumes", op::RemoveVolume{volume.name}, removed);
      }
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
            const std::vector<std::string>& containers, bool running_too) {
  Builder builder;
  std::vector<std::string> names;
  for (const auto& [name, container] : observed.containers) {
    const bool meant = containers.empty() || std::ranges::find(containers, name) != containers.end();
    if (meant && is_named(services, container) && (running_too || !container.live)) {
      names.push_back(name);
    }
  }
  write_stops_and_removals(builder, observed, {.leaving = names}, {}, std::nullopt);
  return std::move(builder).take();
}

Plan kill(const Observed& observed, const KillOptions& options) {
  Builder builder;
  for (const auto& [name, container] : observed.containers) {
    const bool declared = !options.services.empty() || !options.declared ||
                          std::ranges::find(*options.declared, container.service) != options.declared->end();
    if (declared && is_named(options.services, container) && (container.running || container.prepared)) {
      builder.add(container_resource(name), "", op::SignalContainer{name, container.service, options.signal});
    }
  }
  return std::move(builder).take();
}

Plan freeze(const Observed& observed, const std::vector<std::string>& services, bool frozen) {
  Builder builder;
  for (const auto& [name, container] : observed.containers) {
    if (is_named(services, container) && container.running && container.paused != frozen) {
      builder.add(container_resource(name), "", op::FreezeContainer{name, container.service, frozen});
    }
  }
  return std::move(builder).take();
}

std::set<std::string> recreated_containers(const Plan& plan) {
  std::set<std::string> removed, recreated;
  for (const Step& step : plan.steps) {
    if (const auto* gone = std::get_if<op::RemoveContainer>(&step.op)) {
      removed.insert(gone->container);
    } else if (const auto* made = std::get_if<op::PrepareContainer>(&step.op);
               made != nullptr && made->fresh && removed.contains(made->container)) {
      recreated.insert(made->container);
    }
  }
  return recreated;
}

Plan undo(const Plan& plan, const std::vector<bool>& done) {
  return UndoWriter(plan, done).run();
}

}  // namespace cmp::plan
