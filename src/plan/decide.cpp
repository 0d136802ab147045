#include "plan/decide.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "model/namespaces.hpp"
#include "plan/replacing.hpp"

namespace cmp::plan {

namespace {

class Decider {
 public:
  Decider(const model::Project& project, const Observed& observed, const UpOptions& options,
          std::vector<std::string> services)
      : project_(project), observed_(observed), options_(options) {
    out_.services = std::move(services);
  }

  Decisions run() {
    decide_networks();
    decide_volumes();
    for (const std::string& service : out_.services) {
      decide_service(project_.services.at(service));
    }
    decide_undeclared();
    decide_dependants();
    decide_rollouts(project_, observed_, options_, out_);
    find_in_the_way();
    return std::move(out_);
  }

 private:
  void decide_networks() {
    if (options_.no_recreate) {
      return;
    }
    for (const std::string& service : out_.services) {
      for (const auto& [key, attachment] : project_.services.at(service).networks) {
        const auto network = project_.networks.find(key);
        const auto found = observed_.networks.find(key);
        if (network != project_.networks.end() && !network->second.external && found != observed_.networks.end() &&
            found->second.config_hash != network->second.config_hash) {
          out_.changed_networks.insert(key);
        }
      }
    }
  }

  /// Only those that somebody has agreed to: their content goes.
  void decide_volumes() {
    for (const std::string& key : options_.recreate_volumes) {
      const auto volume = project_.volumes.find(key);
      if (volume != project_.volumes.end() && volume_differs(observed_, volume->second)) {
        out_.changed_volumes.insert(volume->second.name);
      }
    }
  }

  void decide_service(const model::Service& service) {
    for (int number = 1; number <= service.scale; ++number) {
      const std::string name = model::container_name(project_, service, number);
      const auto found = observed_.containers.find(name);
      Decision decision{.container = name, .service = &service, .number = number};
      if (found == observed_.containers.end()) {
        decision.fate = Fate::kCreate;
        decision.cause = "not found";
      } else {
        decide_existing(found->second, decision);
        decision.connects = decision.fate != Fate::kRecreate && !changed_network(found->second).empty();
      }
      out_.containers.push_back(std::move(decision));
    }
    for (const auto& [name, container] : observed_.containers) {
      if (container.service == service.name && !container.one_off && container.number > service.scale) {
        add_removal(name, &service, container, fmt::format("scale is {}", service.scale));
      }
    }
  }

  void add_removal(const std::string& name, const model::Service* service, const ObservedContainer& container,
                   std::string cause) {
    out_.containers.push_back({.container = name,
                               .service = service,
                               .number = container.number,
                               .fate = Fate::kRemove,
                               .cause = std::move(cause)});
  }

  void decide_existing(const ObservedContainer& container, Decision& decision) const {
    find_changes(*decision.service, container, decision);
    if (decision.fate == Fate::kRecreate || is_done(*decision.service, container)) {
      return;
    }
    if (const std::string network = changed_network(container); container.live && !network.empty()) {
      decision.fate = Fate::kRestart;
      decision.cause = fmt::format("network {} changed", network);
    } else if (container.live && container.orphaned) {
      decision.fate = Fate::kRestart;
      decision.cause = "a container whose namespaces it shares has ended";
    } else if (!container.live) {
      decision.fate = Fate::kStart;
      if (!decision.update) {
        decision.cause = container.prepared    ? "not started"
                         : container.exit_code ? fmt::format("exited ({})", *container.exit_code)
                                               : "not running";
      }
    }
  }

  /// A job runs once for each configuration, unless it is asked for again.
  static bool is_done(const model::Service& service, const ObservedContainer& container) {
    return model::is_job(service) && !container.live && container.exit_code == 0;
  }

  /// Whether it has to be made anew, or takes what has changed; with the cause.
  void find_changes(const model::Service& service, const ObservedContainer& container, Decision& decision) const {
    if (options_.no_recreate) {
      return;
    }
    decision.cause = forced(service);
    if (decision.cause.empty() && container.config_hash != service.config_hash) {
      decision.cause = "configuration changed";
      if (container.definition) {
        decision.changes = differences(*container.definition, service);
      }
      decision.update = container.definition && all_in_place(decision.changes);
    }
    if (decision.cause.empty() || decision.update) {
      std::string cause = change_around(service, container);
      decision.update = decision.update && cause.empty();
      decision.cause = cause.empty() ? std::move(decision.cause) : std::move(cause);
    }
    if (!decision.cause.empty() && !decision.update) {
      decision.fate = Fate::kRecreate;
    }
  }

  /// What its own configuration does not tell; "" if nothing.
  [[nodiscard]] std::string change_around(const model::Service& service, const ObservedContainer& container) const {
    if (container.image_id != service.image_id) {
      return "image changed";
    }
    if (container.image_volumes != image_volume_digests(service)) {
      return "image of a volume changed";
    }
    for (const auto& [name, digest] : granted_digests(service)) {
      const auto before = container.granted.find(name);
      if (before != container.granted.end() && before->second != digest) {
        return fmt::format("content of {} changed", name);
      }
    }
    return volume_cause(service, container);
  }

  [[nodiscard]] std::string volume_cause(const model::Service& service, const ObservedContainer& container) const {
    for (const std::string& volume : container.volumes) {
      if (out_.changed_volumes.contains(volume)) {
        return fmt::format("volume {} changed", volume);
      }
    }
    for (const model::Mount& mount : service.volumes) {
      if (!mount.volume_name.empty() &&
          std::ranges::find(container.volumes, mount.volume_name) == container.volumes.end()) {
        return fmt::format("volume {} is not among its mounts", mount.volume_name);
      }
    }
    return "";
  }

  /// A network of the container's that is made anew; "" if none is.
  [[nodiscard]] std::string changed_network(const ObservedContainer& container) const {
    const auto changed = std::ranges::find_if(
        container.networks, [&](const std::string& network) { return out_.changed_networks.contains(network); });
    return changed == container.networks.end() ? "" : *changed;
  }

  /// The option that makes it anew, changed or not. Those for everybody are for the services that are named.
  [[nodiscard]] const char* forced(const model::Service& service) const {
    const auto& named = options_.services;
    if (!named.empty() && std::ranges::find(named, service.name) == named.end()) {
      return options_.recreate_deps ? "--always-recreate-deps" : "";
    }
    return options_.force_recreate ? "--force-recreate" : options_.renew_volumes ? "--renew-anon-volumes" : "";
  }

  void decide_undeclared() {
    std::vector<std::string> orphans;
    for (const auto& [name, container] : observed_.containers) {
      if (project_.services.contains(container.service)) {
        if (options_.remove_orphans && container.one_off && !container.live) {
          add_removal(name, nullptr, container, "its run has ended");
        }
        continue;
      }
      if (std::ranges::find(options_.disabled, container.service) != options_.disabled.end()) {
        continue;
      }
      if (options_.remove_orphans) {
        add_removal(name, nullptr, container, "service is not in the file");
      }
      orphans.push_back(name);
    }
    if (!orphans.empty() && !options_.remove_orphans && !options_.ignore_orphans) {
      out_.warnings.push_back(orphan_warning(orphans));
    }
  }

  /// What is kept, but depends on what is made anew: it goes with that. Until nobody more is found.
  void decide_dependants() {
    for (const auto& [name, service] : project_.services) {
      if (std::ranges::find(out_.services, name) == out_.services.end()) {
        add_if_live(service);
      }
    }
    for (bool changed = true; changed;) {
      changed = false;
      for (Decision& decision : out_.containers) {
        changed = (decision.fate == Fate::kKeep && follow(decision)) || changed;
      }
    }
    // Of the services that were not asked for, those stay out of it that nothing happens to.
    std::erase_if(out_.containers, [&](const Decision& decision) {
      return decision.fate == Fate::kKeep && !decision.connects &&
             std::ranges::find(out_.services, decision.service->name) == out_.services.end();
    });
    for (const Decision& decision : out_.containers) {
      if (decision.service != nullptr && decision.fate != Fate::kKeep &&
          std::ranges::find(out_.services, decision.service->name) == out_.services.end()) {
        out_.services.push_back(decision.service->name);
      }
    }
  }

  void add_if_live(const model::Service& service) {
    for (const auto& [name, container] : observed_.containers) {
      if (container.service != service.name || container.one_off) {
        continue;
      }
      Decision decision{.container = name, .service = &service, .number = container.number};
      const std::string network = changed_network(container);
      if (!network.empty()) {
        decision.fate = container.live ? Fate::kRestart : Fate::kKeep;
        decision.cause = fmt::format("network {} changed", network);
        decision.connects = true;
        out_.containers.push_back(std::move(decision));
      } else if (container.live) {
        out_.containers.push_back(std::move(decision));
      }
    }
  }

  /// What runs on a network and is not for this plan to stop: of no service of the file, or run once.
  void find_in_the_way() {
    for (const auto& [name, container] : observed_.containers) {
      const std::string network = changed_network(container);
      const auto decided = std::ranges::find(out_.containers, name, &Decision::container);
      if (container.live && !network.empty() && decided == out_.containers.end()) {
        out_.in_the_way = fmt::format(
            "network '{}' has changed and cannot be made anew while container {} runs on it, which is of no service "
            "here: stop it, or leave the network as it is",
            network, name);
      }
    }
  }

  /// True if the decision has changed.
  bool follow(Decision& decision) const {
    const auto owners = model::namespace_owners(project_, *decision.service);
    const ObservedContainer& container = observed_.containers.at(decision.container);
    for (const std::string& volume : container.volumes) {
      if (out_.changed_volumes.contains(volume)) {
        decision.fate = Fate::kRecreate;
        decision.cause = fmt::format("volume {} changed", volume);
        return true;
      }
    }
    for (const Decision& other : out_.containers) {
      if (other.fate == Fate::kRecreate && has_volumes_of(*decision.service, *other.service)) {
        decision.fate = Fate::kRecreate;
        decision.cause = fmt::format("has the volumes of {}", other.container);
        return true;
      }
      const bool shares = std::ranges::find(owners, other.container) != owners.end();
      if (shares && needs_work(other)) {
        decision.fate = other.fate == Fate::kRecreate || other.fate == Fate::kCreate ? Fate::kRecreate : Fate::kRestart;
        decision.cause = fmt::format("shares namespaces with {}", other.container);
        return true;
      }
      if (other.fate == Fate::kRecreate && restarts_with(*decision.service, *other.service)) {
        decision.fate = Fate::kRestart;
        decision.cause = fmt::format("depends on {}", other.container);
        return true;
      }
    }
    return false;
  }

  static bool has_volumes_of(const model::Service& service, const model::Service& other) {
    return std::ranges::find(service.volumes_from, other.name, &model::VolumesFrom::service) !=
           service.volumes_from.end();
  }

  /// depends_on.*.restart (spec: "restarts this service after it updates the dependency service").
  static bool restarts_with(const model::Service& service, const model::Service& dependency) {
    const auto edge = service.depends_on.find(dependency.name);
    return edge != service.depends_on.end() && edge->second.restart;
  }

  const model::Project& project_;
  const Observed& observed_;
  const UpOptions& options_;
  Decisions out_;
};

}  // namespace

std::string orphan_warning(const std::vector<std::string>& containers) {
  std::string names;
  for (const std::string& name : containers) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return fmt::format(
      "Found orphan containers ({}) for this project. If you removed or renamed this service in your compose file, you "
      "can run this command with the --remove-orphans flag to clean it up.",
      names);
}

std::map<std::string, std::string> granted_digests(const model::Service& service) {
  std::map<std::string, std::string> digests;
  const auto add = [&](const char* kind, const std::vector<model::FileGrant>& grants) {
    for (const model::FileGrant& grant : grants) {
      if (!grant.digest.empty()) {
        digests.emplace(fmt::format("{} {}", kind, grant.source), grant.digest);
      }
    }
  };
  add("secret", service.secrets);
  add("config", service.configs);
  return digests;
}

std::string image_volume_digests(const model::Service& service) {
  std::string digests;
  for (const model::Mount& mount : service.volumes) {
    if (mount.type == model::MountType::kImage && !mount.image_id.empty()) {
      digests += (digests.empty() ? "" : ",") + mount.image_id;
    }
  }
  return digests;
}

bool volume_differs(const Observed& observed, const model::Volume& volume) {
  const auto found = observed.volumes.find(volume.name);
  return !volume.external && found != observed.volumes.end() && !found->second.config_hash.empty() &&
         found->second.config_hash != volume.config_hash;
}

bool needs_work(const Decision& decision) {
  return decision.fate == Fate::kCreate || decision.fate == Fate::kRecreate || decision.fate == Fate::kStart ||
         decision.fate == Fate::kRestart;
}

Decisions decide(const model::Project& project, const Observed& observed, const UpOptions& options,
                 std::vector<std::string> services) {
  return Decider(project, observed, options, std::move(services)).run();
}

}  // namespace cmp::plan
