#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "plan/builder.hpp"
#include "plan/plan.hpp"
#include "plan/stopping.hpp"

namespace cmp::plan {

namespace {

/// What has to happen to one container, decided before any step is written.
enum class Fate { kKeep, kCreate, kRecreate, kStart, kRemove };

struct Decision {
  std::string container;
  const model::Service* service = nullptr;  ///< null: undeclared
  int number = 1;
  Fate fate = Fate::kKeep;
  std::string cause;
};

class Reconciler {
 public:
  Reconciler(const model::Project& project, const Observed& observed, const UpOptions& options,
             std::vector<std::string> services)
      : project_(project), observed_(observed), options_(options), services_(std::move(services)) {}

  Plan run() {
    decide_networks();
    for (const std::string& service : services_) {
      decide_service(project_.services.at(service));
    }
    decide_undeclared();
    write_removals();
    write_networks_and_volumes();
    write_prepares();
    write_starts();
    return std::move(builder_).take();
  }

 private:
  void decide_networks() {
    for (const auto& [key, network] : project_.networks) {
      const auto found = observed_.networks.find(key);
      if (found != observed_.networks.end() && found->second.config_hash != network.config_hash) {
        changed_networks_.insert(key);
      }
    }
  }

  void decide_service(const model::Service& service) {
    for (int number = 1; number <= service.scale; ++number) {
      const std::string name = model::container_name(project_, service, number);
      const auto found = observed_.containers.find(name);
      auto [fate, cause] = found == observed_.containers.end() ? std::pair(Fate::kCreate, std::string("not found"))
                                                               : decide_existing(service, found->second);
      decisions_.push_back({name, &service, number, fate, std::move(cause)});
    }
    for (const auto& [name, container] : observed_.containers) {
      if (container.service == service.name && container.number > service.scale) {
        decisions_.push_back(
            {name, &service, container.number, Fate::kRemove, fmt::format("scale is {}", service.scale)});
      }
    }
  }

  [[nodiscard]] std::pair<Fate, std::string> decide_existing(const model::Service& service,
                                                             const ObservedContainer& container) const {
    if (options_.force_recreate) {
      return {Fate::kRecreate, "--force-recreate"};
    }
    if (container.config_hash != service.config_hash) {
      return {Fate::kRecreate, "configuration changed"};
    }
    if (container.image_id != service.image_id) {
      return {Fate::kRecreate, "image changed"};
    }
    for (const std::string& network : container.networks) {
      if (changed_networks_.contains(network)) {
        return {Fate::kRecreate, fmt::format("network {} changed", network)};
      }
    }
    if (container.live) {
      return {Fate::kKeep, ""};
    }
    return {Fate::kStart, container.prepared    ? "not started"
                          : container.exit_code ? fmt::format("exited ({})", *container.exit_code)
                                                : "not running"};
  }

  void decide_undeclared() {
    std::string names;
    for (const auto& [name, container] : observed_.containers) {
      if (project_.services.contains(container.service)) {
        continue;
      }
      if (options_.remove_orphans) {
        decisions_.push_back({name, nullptr, container.number, Fate::kRemove, "service is not in the file"});
      }
      names += (names.empty() ? "" : ", ") + name;
    }
    if (!names.empty() && !options_.remove_orphans) {
      builder_.warn(
          fmt::format("Found orphan containers ({}) for this project. If you removed or renamed this service "
                      "in your compose file, you can run this command with the --remove-orphans flag to "
                      "clean it up.",
                      names));
    }
  }

  void write_removals() {
    std::vector<std::string> leaving;
    for (const Decision& decision : decisions_) {
      if (decision.fate == Fate::kRemove || decision.fate == Fate::kRecreate) {
        leaving.push_back(decision.container);
        causes_[decision.container] = decision.cause;
      }
    }
    removed_ = write_stops_and_removals(builder_, observed_, leaving, causes_, options_.timeout_s);
  }

  [[nodiscard]] bool needs_work(const Decision& decision) const {
    return decision.fate == Fate::kCreate || decision.fate == Fate::kRecreate || decision.fate == Fate::kStart;
  }

  /// Docker's words: used as it is, and left alone for the rest.
  void warn_if_foreign(std::string_view kind, const std::string& name,
                       const std::map<std::string, std::string>& foreign) {
    if (const auto owner = foreign.find(name); owner != foreign.end()) {
      builder_.warn(
          fmt::format("{} \"{}\" already exists but was created for project \"{}\" (expected \"{}\"). Use "
                      "`external: true` to use an existing {}",
                      kind, name, owner->second, project_.name, kind));
    }
  }

  void write_networks_and_volumes() {
    for (const auto& [key, network] : project_.networks) {
      if (network.external || !used_network(key)) {
        continue;
      }
      warn_if_foreign("network", network.name, observed_.foreign_networks);
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
    for (const auto& [key, volume] : project_.volumes) {
      if (volume.external || !used_volume(key)) {
        continue;
      }
      warn_if_foreign("volume", volume.name, observed_.foreign_volumes);
      if (!observed_.volumes.contains(key) && !observed_.foreign_volumes.contains(volume.name)) {
        made_[volume_resource(key)] = builder_.add(volume_resource(volume.name), "not found", op::CreateVolume{key});
      }
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

  [[nodiscard]] bool used_volume(const std::string& key) const {
    return std::ranges::any_of(services_, [&](const std::string& name) {
      return std::ranges::any_of(project_.services.at(name).volumes, [&](const model::Mount& mount) {
        return mount.type == model::MountType::kVolume && mount.source == key;
      });
    });
  }

  void write_prepares() {
    std::vector<int> prepares;
    for (const Decision& decision : decisions_) {
      if (!needs_work(decision)) {
        continue;
      }
      std::vector<int> needs;
      for (const auto& [network, attachment] : decision.service->networks) {
        add_need(needs, network_resource(network));
      }
      for (const model::Mount& mount : decision.service->volumes) {
        add_need(needs, volume_resource(mount.source));
      }
      if (const auto gone = removed_.find(decision.container); gone != removed_.end()) {
        needs.push_back(gone->second);
      }
      std::ranges::sort(needs);
      // Not std::ranges::unique: clang 14 cannot read it in libstdc++ 12.
      needs.erase(std::unique(needs.begin(), needs.end()), needs.end());
      const bool fresh = decision.fate != Fate::kStart;
      const int id = builder_.add(
          container_resource(decision.container), decision.cause,
          op::PrepareContainer{decision.container, decision.service->name, decision.number, fresh}, std::move(needs));
      prepares.push_back(id);
    }
    if (!prepares.empty()) {
      barrier_ = builder_.add("all", "start only what is wholly prepared", op::Barrier{}, std::move(prepares));
    }
  }

  void add_need(std::vector<int>& needs, const std::string& resource) const {
    if (const auto it = made_.find(resource); it != made_.end()) {
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
        write_awaits(definition, condition, true, "--wait");
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
      if (!project_.services.contains(dependency)) {
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
  }

  /// The steps a dependant has to wait for.
  std::vector<int> gate(const model::Service& dependency, const model::Dependency& edge, const std::string& dependant) {
    if (edge.condition == model::Condition::kStarted) {
      return starts_[dependency.name];
    }
    return write_awaits(dependency, edge.condition, edge.required, fmt::format("required by {}", dependant));
  }

  std::vector<int> write_awaits(const model::Service& service, model::Condition condition, bool required,
                                const std::string& cause) {
    std::vector<int>& ids = awaits_[{service.name, condition, required}];
    if (!ids.empty()) {
      return ids;
    }
    for (int number = 1; number <= service.scale; ++number) {
      const std::string name = model::container_name(project_, service, number);
      const int id = builder_.add(container_resource(name), cause,
                                  op::AwaitCondition{name, service.name, condition, required}, starts_[service.name]);
      ids.push_back(id);
    }
    return ids;
  }

  void write_service_starts(const model::Service& service, const std::vector<int>& needs) {
    for (const Decision& decision : decisions_) {
      if (decision.service == &service && needs_work(decision)) {
        starts_[service.name].push_back(builder_.add(container_resource(decision.container), decision.cause,
                                                     op::StartContainer{decision.container, service.name}, needs));
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
  Builder builder_;
  std::vector<Decision> decisions_;
  std::set<std::string> changed_networks_, awaited_completion_;
  std::map<std::string, std::string> causes_;
  std::map<std::string, int> removed_;              ///< container → step that removes it
  std::map<std::string, int> made_;                 ///< resource by key → step that makes it
  std::map<std::string, std::vector<int>> starts_;  ///< service → steps that start it
  std::map<std::tuple<std::string, model::Condition, bool>, std::vector<int>> awaits_;
  std::optional<int> barrier_;
};

void collect(const model::Project& project, const std::string& name, std::set<std::string>& out) {
  if (!out.insert(name).second) {
    return;
  }
  for (const auto& [dependency, edge] : project.services.at(name).depends_on) {
    if (project.services.contains(dependency)) {
      collect(project, dependency, out);
    }
  }
}

}  // namespace

Result<std::vector<std::string>> with_dependencies(const model::Project& project,
                                                   const std::vector<std::string>& services) {
  std::set<std::string> out;
  for (const std::string& name : services) {
    if (!project.services.contains(name)) {
      return make_error(Code::kInvalid, fmt::format("no such service: {}", name));
    }
    collect(project, name, out);
  }
  if (services.empty()) {
    for (const auto& [name, service] : project.services) {
      out.insert(name);
    }
  }
  return std::vector<std::string>(out.begin(), out.end());
}

Result<Plan> reconcile(const model::Project& project, const Observed& observed, const UpOptions& options) {
  CMP_TRY(auto services, with_dependencies(project, options.services));
  return Reconciler(project, observed, options, std::move(services)).run();
}

}  // namespace cmp::plan
