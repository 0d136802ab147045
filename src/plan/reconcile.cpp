#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "model/hooks.hpp"
#include "model/namespaces.hpp"
#include "plan/builder.hpp"
#include "plan/decide.hpp"
#include "plan/hooks.hpp"
#include "plan/plan.hpp"
#include "plan/replacing.hpp"
#include "plan/stopping.hpp"
#include "plan/volume_steps.hpp"

namespace cmp::plan {

namespace {

class Reconciler {
 public:
  Reconciler(const model::Project& project, const Observed& observed, const UpOptions& options, Decisions decided)
      : project_(project),
        observed_(observed),
        options_(options),
        services_(std::move(decided.services)),
        decisions_(std::move(decided.containers)),
        changed_networks_(std::move(decided.changed_networks)),
        changed_volumes_(std::move(decided.changed_volumes)) {
    for (std::string& warning : decided.warnings) {
      builder_.warn(std::move(warning));
    }
  }

  Plan run() {
    write_removals();
    write_networks();
    write_volumes();
    write_updates();
    if (options_.no_start) {
      write_creations();
    } else {
      write_prepares();
      write_starts();
    }
    return std::move(builder_).take();
  }

 private:
  void write_removals() {
    Departures departures;
    for (const Decision& decision : decisions_) {
      if (decision.rolled) {
        continue;
      }
      if (decision.fate == Fate::kRemove || decision.fate == Fate::kRecreate) {
        departures.leaving.push_back(decision.container);
        causes_[decision.container] = decision.cause;
        if (decision.fate == Fate::kRecreate && !options_.renew_volumes) {
          departures.keep_volumes.insert(decision.container);
        }
      } else if (decision.fate == Fate::kRestart) {
        departures.staying.push_back(decision.container);
        causes_[decision.container] = decision.cause;
      }
    }
    removed_ = write_stops_and_removals(builder_, observed_, departures, causes_, options_.timeout_s);
    for (const Decision& decision : decisions_) {
      if (const auto gone = removed_.find(decision.container); gone != removed_.end()) {
        builder_.changes(gone->second, decision.changes);
      }
    }
  }

  /// What takes its changes as it is.
  void write_updates() {
    for (const Decision& decision : decisions_) {
      if (!decision.update) {
        continue;
      }
      std::vector<int> needs;
      add_resource_needs(decision, needs);
      const int id = builder_.add(container_resource(decision.container), decision.cause,
                                  op::UpdateContainer{decision.container, decision.service->name, decision.number},
                                  without_doubles(std::move(needs)));
      builder_.changes(id, decision.changes);
      updated_[decision.container] = id;
    }
  }

  void write_networks() {
    for (const auto& [key, network] : project_.networks) {
      if (network.external || !used_network(key)) {
        continue;
      }
      warn_if_foreign(builder_, project_.name, "network", network.name, observed_.foreign_networks);
      const bool exists = observed_.networks.contains(key);
      if (changed_networks_.contains(key)) {
        const int gone = builder_.add(network_resource(network.name), "configuration changed", op::RemoveNetwork{key},
                                      all_removed());
        made_[network_resource(key)] =
            builder_.add(network_resource(network.name), "configuration changed", op::CreateNetwork{key}, {gone});
      } else if (!exists) {
        made_[network_resource(key)] =
            builder_.add(network_resource(network.name), "not found", op::CreateNetwork{key});
      }
    }
  }

  void write_volumes() {
    made_.merge(plan::write_volumes(builder_, {project_, observed_, services_, changed_volumes_, all_removed()}));
    write_connections();
  }

  /// What stays, on a network that was made anew.
  void write_connections() {
    for (const Decision& decision : decisions_) {
      if (!decision.connects) {
        continue;
      }
      std::vector<int> needs;
      add_resource_needs(decision, needs);
      // From here on this is what its next start has to wait for.
      removed_[decision.container] =
          builder_.add(container_resource(decision.container), decision.cause,
                       op::ConnectContainer{decision.container, decision.service->name}, without_doubles(needs));
    }
  }

  [[nodiscard]] std::vector<int> all_removed() const {
    std::vector<int> ids;
    for (const auto& [container, id] : removed_) {
      ids.push_back(id);
    }
    return ids;
  }

  [[nodiscard]] bool used_network(const std::string& key) const {
    return std::ranges::any_of(
        services_, [&](const std::string& name) { return project_.services.at(name).networks.contains(key); });
  }

  void write_creations() {
    for (const Decision& decision : decisions_) {
      if (decision.fate == Fate::kCreate || decision.fate == Fate::kRecreate) {
        std::vector<int> needs;
        add_resource_needs(decision, needs);
        builder_.add(container_resource(decision.container), decision.cause,
                     op::CreateContainer{decision.container, decision.service->name, decision.number},
                     without_doubles(std::move(needs)));
      }
    }
  }

  void write_prepares() {
    for (const Decision& decision : decisions_) {
      write_prepare(decision);
    }
    for (const Decision& decision : decisions_) {
      write_hook_prepares(decision);
    }
    if (!prepared_.empty()) {
      std::vector<int> prepares;
      for (const auto& [container, id] : prepared_) {
        prepares.push_back(id);
      }
      std::ranges::sort(prepares);
      barrier_ = builder_.add("all", "start only what is wholly prepared", op::Barrier{}, std::move(prepares));
    }
  }

  /// Owners of namespaces before those who join them.
  void write_prepare(const Decision& decision) {
    if (!needs_work(decision) || decision.rolled || !seen_.insert(decision.container).second) {
      return;
    }
    std::vector<int> needs;
    for (const std::string& owner : prepared_before(*decision.service)) {
      const auto found = std::ranges::find(decisions_, owner, &Decision::container);
      if (found != decisions_.end()) {
        write_prepare(*found);
      }
      add_step(needs, prepared_, owner);
    }
    add_resource_needs(decision, needs);
    const bool fresh = decision.fate != Fate::kStart && decision.fate != Fate::kRestart;
    prepared_[decision.container] =
        builder_.add(container_resource(decision.container), decision.cause,
                     op::PrepareContainer{decision.container, decision.service->name, decision.number, fresh},
                     without_doubles(std::move(needs)));
  }

  /// Whose namespaces it joins, and whose volumes it has: they are filled by then.
  [[nodiscard]] std::vector<std::string> prepared_before(const model::Service& service) const {
    std::vector<std::string> containers = model::namespace_owners(project_, service);
    for (const model::VolumesFrom& from : service.volumes_from) {
      if (const auto other = project_.services.find(from.service); other != project_.services.end()) {
        containers.push_back(model::container_name(project_, other->second, 1));
      }
    }
    return containers;
  }

  /// The hooks of pre_start: once before the first replica if none runs, and those of each replica.
  void write_hook_prepares(const Decision& decision) {
    if (!needs_work(decision)) {
      return;
    }
    const model::Service& service = *decision.service;
    const bool first = !hooked_.contains(service.name);
    const bool none_runs = std::ranges::none_of(
        decisions_, [&](const Decision& other) { return other.service == &service && other.fate == Fate::kKeep; });
    for (std::size_t i = 0; i < service.pre_start.size(); ++i) {
      const bool own = service.pre_start[i].per_replica;
      if (!own && !(first && none_runs)) {
        continue;
      }
      const std::string name = model::hook_container(project_.name, service.name, i, own ? decision.number : 0);
      std::vector<int> needs;
      add_resource_needs(decision, needs);
      if (const auto prepared = prepared_.find(decision.container); prepared != prepared_.end()) {
        needs.push_back(prepared->second);
      }
      prepared_[name] = hooks_.prepare(name, needs);
      (own ? own_hooks_[decision.container] : hooked_[service.name]).push_back(name);
    }
    hooked_.try_emplace(service.name);
  }

  void add_resource_needs(const Decision& decision, std::vector<int>& needs) const {
    for (const auto& [network, attachment] : decision.service->networks) {
      add_need(needs, network_resource(network));
    }
    for (const model::Mount& mount : decision.service->volumes) {
      add_need(needs, volume_resource(mount.source));
    }
    add_step(needs, removed_, decision.container);
    add_step(needs, updated_, decision.container);
  }

  void add_need(std::vector<int>& needs, const std::string& resource) const { add_step(needs, made_, resource); }

  static void add_step(std::vector<int>& needs, const std::map<std::string, int>& steps, const std::string& of) {
    if (const auto it = steps.find(of); it != steps.end()) {
      needs.push_back(it->second);
    }
  }

  /// Starts in dependency order; a service is written once everything it depends on is.
  void write_starts() {
    std::set<std::string> written;
    for (const std::string& service : services_) {
      write_start(service, written);
    }
    if (options_.wait) {
      for (const std::string& service : services_) {
        const model::Service& definition = project_.services.at(service);
        const auto condition = awaited_completion_.contains(service) ? model::Condition::kCompletedSuccessfully
                               : definition.healthcheck.enabled()    ? model::Condition::kHealthy
                                                                     : model::Condition::kStarted;
        write_awaits(definition, condition, true, "--wait", true);
      }
    }
  }

  void write_start(const std::string& name, std::set<std::string>& written) {
    if (!written.insert(name).second) {
      return;
    }
    const model::Service& service = project_.services.at(name);
    std::vector<int> needs;
    const bool starting =
        std::ranges::any_of(decisions_, [&](const Decision& d) { return d.service == &service && needs_work(d); });
    for (const auto& [dependency, edge] : service.depends_on) {
      if (std::ranges::find(services_, dependency) == services_.end()) {
        continue;
      }
      write_start(dependency, written);
      if (edge.condition == model::Condition::kCompletedSuccessfully) {
        awaited_completion_.insert(dependency);
      }
      if (starting) {
        append(needs, gate(project_.services.at(dependency), edge, name));
      }
    }
    if (barrier_) {
      needs.push_back(*barrier_);
    }
    write_service_starts(service, needs);
    write_replacements(service, needs);
  }

  /// The containers of the service that are made anew in turn.
  void write_replacements(const model::Service& service, std::vector<int> needs) {
    Rollout rollout = rollout_of(project_, service, decisions_);
    if (rollout.replaced.empty()) {
      return;
    }
    rollout.timeout_s = options_.timeout_s;
    for (const Decision& decision : decisions_) {
      if (decision.service == &service && decision.rolled) {
        add_resource_needs(decision, needs);
      }
    }
    for (const Replica& extra : rollout.extra) {
      add_step(needs, removed_, extra.container);
    }
    append(needs, starts_[service.name]);
    append(starts_[service.name], write_rollout(builder_, rollout, without_doubles(std::move(needs))));
  }

  /// The steps a dependant has to wait for.
  std::vector<int> gate(const model::Service& dependency, const model::Dependency& edge, const std::string& dependant) {
    if (edge.condition == model::Condition::kStarted) {
      return starts_[dependency.name];
    }
    return write_awaits(dependency, edge.condition, edge.required, fmt::format("required by {}", dependant));
  }

  std::vector<int> write_awaits(const model::Service& service, model::Condition condition, bool required,
                                const std::string& cause, bool steady = false) {
    std::vector<int>& ids = awaits_[{service.name, condition, required, steady}];
    if (!ids.empty()) {
      return ids;
    }
    for (int number = 1; number <= service.scale; ++number) {
      const std::string name = model::container_name(project_, service, number);
      const int id =
          builder_.add(container_resource(name), cause,
                       op::AwaitCondition{name, service.name, condition, required, steady}, starts_[service.name]);
      ids.push_back(id);
    }
    return ids;
  }

  void write_service_starts(const model::Service& service, const std::vector<int>& needs) {
    const std::vector<int> hooked = hooks_.run(hooked_[service.name], needs);
    for (const Decision& decision : decisions_) {
      if (decision.service == &service && needs_work(decision) && !decision.rolled) {
        starts_[service.name].push_back(hooks_.start(decision.container, service.name, decision.cause,
                                                     !service.post_start.empty(),
                                                     hooks_.run(own_hooks_[decision.container], hooked)));
      }
    }
  }

  static void append(std::vector<int>& to, const std::vector<int>& from) {
    to.insert(to.end(), from.begin(), from.end());
  }

  const model::Project& project_;
  const Observed& observed_;
  const UpOptions& options_;
  std::vector<std::string> services_;
  std::vector<Decision> decisions_;
  std::set<std::string> changed_networks_;
  std::set<std::string> changed_volumes_;
  Builder builder_;
  HookWriter hooks_{builder_, observed_};
  std::map<std::string, std::vector<std::string>> hooked_;     ///< service → hooks before its first replica
  std::map<std::string, std::vector<std::string>> own_hooks_;  ///< container → hooks before it
  std::set<std::string> awaited_completion_;
  std::map<std::string, std::string> causes_;
  std::map<std::string, int> updated_;   ///< container → step that updates it
  std::map<std::string, int> removed_;   ///< container → the last step that removes it, or stops and connects it
  std::map<std::string, int> prepared_;  ///< container → step that prepares it
  std::set<std::string> seen_;           ///< containers whose preparation is written or being written
  std::map<std::string, int> made_;      ///< resource by key → step that makes it
  std::map<std::string, std::vector<int>> starts_;  ///< service → steps that start it
  std::map<std::tuple<std::string, model::Condition, bool, bool>, std::vector<int>> awaits_;
  std::optional<int> barrier_;
};

}  // namespace

Result<Plan> reconcile(const model::Project& project, const Observed& observed, const UpOptions& options) {
  CMP_TRY(auto services, with_dependencies(project, options.services));
  if (options.no_deps && !options.services.empty()) {
    services.assign(options.services.begin(), options.services.end());
    std::ranges::sort(services);
    services.erase(std::unique(services.begin(), services.end()), services.end());
  }
  Decisions decided = decide(project, observed, options, std::move(services));
  if (!decided.in_the_way.empty()) {
    return make_error(Code::kConflict, decided.in_the_way);
  }
  return Reconciler(project, observed, options, std::move(decided)).run();
}

}  // namespace cmp::plan
