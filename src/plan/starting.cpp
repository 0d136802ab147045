#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "plan/builder.hpp"
#include "plan/hooks.hpp"
#include "plan/plan.hpp"
#include "plan/stopping.hpp"

namespace cmp::plan {

namespace {

using Names = std::vector<std::string>;

/// The replicas by service; one-off containers are nobody's replica.
std::map<std::string, std::vector<const ObservedContainer*>> by_service(const Observed& observed) {
  std::map<std::string, std::vector<const ObservedContainer*>> out;
  for (const auto& [name, container] : observed.containers) {
    if (!container.one_off) {
      out[container.service].push_back(&container);
    }
  }
  return out;
}

/// Starts what exists, in the order of the dependencies that were recorded when it was made.
class StartWriter {
 public:
  /// \param chosen  services; each has a container
  /// \param stops   container → step that stops it first; if there are any, hooks of pre_start are left out
  StartWriter(Builder& builder, const Observed& observed, std::set<std::string> chosen,
              const std::map<std::string, int>& stops, std::string cause)
      : builder_(builder),
        observed_(observed),
        containers_(by_service(observed)),
        chosen_(std::move(chosen)),
        stops_(stops),
        cause_(std::move(cause)) {}

  void run(bool wait) {
    for (const std::string& service : chosen_) {
      for (const ObservedContainer* container : containers_.at(service)) {
        write_prepare(*container);
      }
      write_hook_prepares(service);
    }
    if (!prepared_.empty()) {
      std::vector<int> ids;
      for (const auto& [container, id] : prepared_) {
        ids.push_back(id);
      }
      std::ranges::sort(ids);
      barrier_ = builder_.add("all", "start only what is wholly prepared", op::Barrier{}, std::move(ids));
    }
    for (const std::string& service : chosen_) {
      write_start(service);
    }
    if (wait) {
      write_waits();
    }
  }

 private:
  [[nodiscard]] bool starts(const ObservedContainer& container) const {
    return !container.live || stops_.contains(container.name);
  }

  [[nodiscard]] std::string cause_of(const ObservedContainer& container) const {
    return !cause_.empty()       ? cause_
           : container.exit_code ? fmt::format("exited ({})", *container.exit_code)
                                 : "not running";
  }

  /// Owners of namespaces before those who join them.
  void write_prepare(const ObservedContainer& container) {
    if (!starts(container) || !seen_.insert(container.name).second) {
      return;
    }
    std::vector<int> needs;
    if (const auto stop = stops_.find(container.name); stop != stops_.end()) {
      needs.push_back(stop->second);
    }
    for (const std::string& service : chosen_) {
      for (const ObservedContainer* owner : containers_.at(service)) {
        if (std::ranges::find(container.owners, owner->name) == container.owners.end()) {
          continue;
        }
        write_prepare(*owner);
        if (const auto step = prepared_.find(owner->name); step != prepared_.end()) {
          needs.push_back(step->second);
        }
      }
    }
    prepared_[container.name] = builder_.add(
        container_resource(container.name), cause_of(container),
        op::PrepareContainer{container.name, container.service, container.number, false}, std::move(needs));
  }

  /// As if it came up for the first time: none of its replicas runs.
  void write_hook_prepares(const std::string& service) {
    const auto& replicas = containers_.at(service);
    if (!stops_.empty()) {
      return;
    }
    if (std::ranges::none_of(replicas, [](const auto* replica) { return replica->live; })) {
      prepare_hooks(replicas.front()->shared_hooks, *replicas.front());
      hooked_[service] = replicas.front()->shared_hooks;
    }
    for (const ObservedContainer* replica : replicas) {
      if (starts(*replica)) {
        prepare_hooks(replica->own_hooks, *replica);
        own_hooks_[replica->name] = replica->own_hooks;
      }
    }
  }

  void prepare_hooks(const std::vector<std::string>& hooks, const ObservedContainer& replica) {
    for (const std::string& hook : hooks) {
      prepared_[hook] = hooks_.prepare(hook, {prepared_.at(replica.name)});
    }
  }

  void write_start(const std::string& service) {
    if (!written_.insert(service).second) {
      return;
    }
    const auto& replicas = containers_.at(service);
    const bool starting = std::ranges::any_of(replicas, [&](const auto* container) { return starts(*container); });
    std::vector<int> needs;
    for (const auto& [dependency, edge] : replicas.front()->depends_on) {
      if (!chosen_.contains(dependency)) {
        continue;
      }
      write_start(dependency);
      if (edge.condition == model::Condition::kCompletedSuccessfully) {
        awaited_completion_.insert(dependency);
      }
      if (starting) {
        const auto gate = edge.condition == model::Condition::kStarted
                              ? starts_[dependency]
                              : write_awaits(dependency, edge.condition, edge.required, "required by " + service);
        needs.insert(needs.end(), gate.begin(), gate.end());
      }
    }
    if (barrier_) {
      needs.push_back(*barrier_);
    }
    const std::vector<int> hooked = hooks_.run(hooked_[service], needs);
    for (const ObservedContainer* container : replicas) {
      if (starts(*container)) {
        starts_[service].push_back(hooks_.start(container->name, service, cause_of(*container), container->post_start,
                                                hooks_.run(own_hooks_[container->name], hooked)));
      }
    }
  }

  std::vector<int> write_awaits(const std::string& service, model::Condition condition, bool required,
                                const std::string& cause, bool steady = false) {
    std::vector<int>& ids = awaits_[{service, condition, required, steady}];
    if (!ids.empty()) {
      return ids;
    }
    for (const ObservedContainer* container : containers_.at(service)) {
      ids.push_back(builder_.add(container_resource(container->name), cause,
                                 op::AwaitCondition{container->name, service, condition, required, steady},
                                 starts_[service]));
    }
    return ids;
  }

  void write_waits() {
    for (const std::string& service : chosen_) {
      write_awaits(service,
                   awaited_completion_.contains(service)     ? model::Condition::kCompletedSuccessfully
                   : containers_.at(service).front()->probed ? model::Condition::kHealthy
                                                             : model::Condition::kStarted,
                   true, "--wait", true);
    }
  }

  Builder& builder_;
  const Observed& observed_;
  std::map<std::string, std::vector<const ObservedContainer*>> containers_;
  std::set<std::string> chosen_;
  const std::map<std::string, int>& stops_;
  std::string cause_;
  std::set<std::string> seen_, written_, awaited_completion_;
  std::map<std::string, int> prepared_;
  std::map<std::string, std::vector<int>> starts_;
  std::map<std::tuple<std::string, model::Condition, bool, bool>, std::vector<int>> awaits_;
  std::optional<int> barrier_;
  HookWriter hooks_{builder_, observed_};
  std::map<std::string, std::vector<std::string>> hooked_;     ///< service → hooks before its first replica
  std::map<std::string, std::vector<std::string>> own_hooks_;  ///< container → hooks before it
};

Error nothing_to_start(const std::string& service) {
  return make_error(Code::kNotFound, fmt::format("service \"{}\" has no container to start", service));
}

/// The named services, all if there are none. Errors: one that has no container.
Result<std::set<std::string>> named_services(const Observed& observed, const Names& named) {
  const auto existing = by_service(observed);
  for (const std::string& service : named) {
    if (!existing.contains(service)) {
      return nothing_to_start(service);
    }
  }
  std::set<std::string> out(named.begin(), named.end());
  for (const auto& [service, containers] : existing) {
    if (named.empty()) {
      out.insert(service);
    }
  }
  return out;
}

/// Adds what the services depend on. Errors: it is required and has no container.
Result<std::set<std::string>> with_dependencies(const Observed& observed, const std::set<std::string>& services) {
  const auto existing = by_service(observed);
  std::set<std::string> out = services;
  Names open(services.begin(), services.end());
  while (!open.empty()) {
    const std::string service = open.back();
    open.pop_back();
    for (const auto& [dependency, edge] : existing.at(service).front()->depends_on) {
      const bool there = existing.contains(dependency);
      if (!there && edge.required) {
        return make_error(Code::kNotFound, fmt::format("{} is missing dependency {}", service, dependency));
      }
      if (there && out.insert(dependency).second) {
        open.push_back(dependency);
      }
    }
  }
  return out;
}

/// Adds, in turn, what asks to be restarted with one of the services (spec: depends_on.restart).
void add_restarted_with(const Observed& observed, std::set<std::string>& services) {
  for (bool more = true; more;) {
    more = false;
    for (const auto& [service, containers] : by_service(observed)) {
      const auto& edges = containers.front()->depends_on;
      const bool asks = std::ranges::any_of(
          edges, [&](const auto& edge) { return edge.second.restart && services.contains(edge.first); });
      more = (asks && services.insert(service).second) || more;
    }
  }
}

}  // namespace

Result<Plan> start(const Observed& observed, const StartOptions& options) {
  CMP_TRY(const auto named, named_services(observed, options.services));
  CMP_TRY(auto chosen, with_dependencies(observed, named));
  Builder builder;
  StartWriter(builder, observed, std::move(chosen), {}, "").run(options.wait);
  return std::move(builder).take();
}

Result<Plan> restart(const Observed& observed, const RestartOptions& options) {
  CMP_TRY(auto chosen, named_services(observed, options.services));
  if (!options.no_deps) {
    add_restarted_with(observed, chosen);
  }
  Names containers;
  std::map<std::string, std::string> causes;
  for (const auto& [name, container] : observed.containers) {
    if (!container.one_off && chosen.contains(container.service)) {
      containers.push_back(name);
      causes[name] = "restart";
    }
  }
  Builder builder;
  const auto stops = write_stops(builder, observed, containers, causes, options.timeout_s);
  StartWriter(builder, observed, std::move(chosen), stops, "restart").run(false);
  return std::move(builder).take();
}

}  // namespace cmp::plan
