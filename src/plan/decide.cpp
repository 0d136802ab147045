#include "plan/decide.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "model/namespaces.hpp"

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
      auto [fate, cause] = found == observed_.containers.end() ? std::pair(Fate::kCreate, std::string("not found"))
                                                               : decide_existing(service, found->second);
      const bool stays = fate == Fate::kKeep || fate == Fate::kStart || fate == Fate::kRestart;
      const bool connects = stays && found != observed_.containers.end() && !changed_network(found->second).empty();
      out_.containers.push_back({name, &service, number, fate, std::move(cause), connects});
    }
    for (const auto& [name, container] : observed_.containers) {
      if (container.service == service.name && !container.one_off && container.number > service.scale) {
        out_.containers.push_back(
            {name, &service, container.number, Fate::kRemove, fmt::format("scale is {}", service.scale)});
      }
    }
  }

  [[nodiscard]] std::pair<Fate, std::string> decide_existing(const model::Service& service,
                                                             const ObservedContainer& container) const {
    if (std::string cause = recreation_cause(service, container); !cause.empty()) {
      return {Fate::kRecreate, std::move(cause)};
    }
    if (const std::string network = changed_network(container); container.live && !network.empty()) {
      return {Fate::kRestart, fmt::format("network {} changed", network)};
    }
    if (container.live && container.orphaned) {
      return {Fate::kRestart, "a container whose namespaces it shares has ended"};
    }
    if (container.live) {
      return {Fate::kKeep, ""};
    }
    return {Fate::kStart, container.prepared    ? "not started"
                          : container.exit_code ? fmt::format("exited ({})", *container.exit_code)
                                                : "not running"};
  }

  /// "" if it may stay as it is.
  [[nodiscard]] std::string recreation_cause(const model::Service& service, const ObservedContainer& container) const {
    if (options_.no_recreate) {
      return "";
    }
    if (const char* const cause = forced(service); *cause != '\0') {
      return cause;
    }
    if (container.config_hash != service.config_hash) {
      return "configuration changed";
    }
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
          out_.containers.push_back({name, nullptr, container.number, Fate::kRemove, "its run has ended"});
        }
        continue;
      }
      if (std::ranges::find(options_.disabled, container.service) != options_.disabled.end()) {
        continue;
      }
      if (options_.remove_orphans) {
        out_.containers.push_back({name, nullptr, container.number, Fate::kRemove, "service is not in the file"});
      }
      orphans.push_back(name);
    }
    if (!orphans.empty() && !options_.remove_orphans && !options_.ignore_orphans) {
      out_.warning = orphan_warning(orphans);
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
      const std::string network = changed_network(container);
      if (!network.empty()) {
        out_.containers.push_back({name, &service, container.number, container.live ? Fate::kRestart : Fate::kKeep,
                                   fmt::format("network {} changed", network), true});
      } else if (container.live) {
        out_.containers.push_back({name, &service, container.number, Fate::kKeep, ""});
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
