#include "plan/actions.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

namespace cmp::plan {

namespace {

/// Everything that a plan does to one resource.
struct Deeds {
  std::string resource, container, service, cause;
  std::vector<FieldChange> changes;
  bool made = false, removed = false, stopped = false, prepared = false, updated = false, thawed = false;
  bool frozen = false, rolled = false, restored = false, connected = false;
  int signal = 0;
};

class Collector {
 public:
  explicit Collector(const Plan& plan) {
    for (const Step& step : plan.steps) {
      std::visit([&](const auto& op) { take(step, op); }, step.op);
    }
  }

  std::vector<Deeds> deeds;

 private:
  Deeds& of(const Step& step) {
    auto [known, fresh] = places_.emplace(step.resource, deeds.size());
    if (fresh) {
      deeds.push_back({.resource = step.resource});
    }
    Deeds& found = deeds[known->second];
    found.cause = found.cause.empty() ? step.cause : found.cause;
    found.rolled = found.rolled || !step.rollout.empty();
    if (found.changes.empty()) {
      found.changes = step.changes;
    }
    return found;
  }

  template <typename Op>
  Deeds& of_container(const Step& step, const Op& op) {
    Deeds& found = of(step);
    found.container = op.container;
    found.service = op.service;
    return found;
  }

  void take(const Step& step, const op::CreateNetwork& /*op*/) { of(step).made = true; }

  void take(const Step& step, const op::CreateVolume& /*op*/) { of(step).made = true; }

  void take(const Step& step, const op::RemoveNetwork& /*op*/) { of(step).removed = true; }

  void take(const Step& step, const op::RemoveVolume& /*op*/) { of(step).removed = true; }

  void take(const Step& step, const op::CreateContainer& op) { of_container(step, op).made = true; }

  void take(const Step& step, const op::PrepareContainer& op) {
    (op.fresh ? of_container(step, op).made : of_container(step, op).prepared) = true;
  }

  void take(const Step& step, const op::StopContainer& op) { of_container(step, op).stopped = true; }

  void take(const Step& step, const op::RemoveContainer& op) { of_container(step, op).removed = true; }

  void take(const Step& step, const op::RestoreContainer& op) { of_container(step, op).restored = true; }

  void take(const Step& step, const op::ConnectContainer& op) { of_container(step, op).connected = true; }

  void take(const Step& step, const op::UpdateContainer& op) { of_container(step, op).updated = true; }

  void take(const Step& step, const op::SignalContainer& op) { of_container(step, op).signal = op.signal; }

  void take(const Step& step, const op::FreezeContainer& op) {
    (op.frozen ? of_container(step, op).frozen : of_container(step, op).thawed) = true;
  }

  template <typename Other>
  void take(const Step& /*step*/, const Other& /*op*/) {}

  std::map<std::string, std::size_t> places_;
};

/// Of one that is neither made nor removed.
std::string verb_of_lasting(const Deeds& deeds) {
  if (deeds.connected) {
    return "reconnect";
  }
  if (deeds.prepared) {
    return deeds.stopped ? "restart" : deeds.updated ? "update and start" : "start";
  }
  return deeds.updated ? "update" : deeds.stopped ? "stop" : deeds.restored ? "restore" : "";
}

std::string verb_of(const Deeds& deeds) {
  if (deeds.signal != 0) {
    return fmt::format("signal {} to", deeds.signal);
  }
  if (deeds.frozen || deeds.thawed) {
    return deeds.frozen ? "pause" : "unpause";
  }
  if (deeds.made) {
    return !deeds.removed ? "create" : deeds.rolled ? "recreate in turn" : "recreate";
  }
  return deeds.removed ? "remove" : verb_of_lasting(deeds);
}

/// "network:shop_front" is "network shop_front".
std::string plain_subject(const std::string& resource) {
  std::string out = resource;
  std::ranges::replace(out, ':', ' ');
  return out;
}

std::size_t containers_of(const std::string& service, const Plan& plan, const Observed& observed) {
  std::set<std::string> names;
  for (const auto& [name, container] : observed.containers) {
    if (container.service == service && !container.one_off) {
      names.insert(name);
    }
  }
  for (const Deeds& deeds : Collector(plan).deeds) {
    if (deeds.service == service) {
      names.insert(deeds.container);
    }
  }
  return names.size();
}

std::string subject_of(const std::string& service, const std::vector<std::string>& containers, std::size_t all) {
  if (all == 1) {
    return service;
  }
  std::string names;
  for (const std::string& name : containers) {
    names += (names.empty() ? "" : ", ") + name;
  }
  return fmt::format("{} ({})", service, names);
}

std::string with_place(std::string text, const std::string& place) {
  return place.empty() ? text : fmt::format("{} ({})", text, place);
}

/// The lines of one action, those after the first below its first cause.
std::string lines_of(const Action& action, const PlaceOf& place_of) {
  const std::string head = fmt::format("{} {}", action.verb, action.subject);
  std::vector<std::string> causes;
  for (const FieldChange& change : action.changes) {
    causes.push_back(with_place(text(change), place_of ? place_of(action.service, change.path) : ""));
  }
  if (causes.empty() && !action.cause.empty()) {
    causes.push_back(action.cause);
  }
  std::string out = head + (causes.empty() ? "" : ": ");
  for (std::size_t i = 0; i < causes.size(); ++i) {
    out += (i == 0 ? "" : "\n" + std::string(head.size() + 2, ' ')) + causes[i];
  }
  return out + '\n';
}

}  // namespace

std::vector<Action> actions(const Plan& plan, const Observed& observed) {
  std::vector<Action> out;
  std::vector<std::vector<std::string>> containers;
  for (Deeds& deeds : Collector(plan).deeds) {
    const std::string verb = verb_of(deeds);
    if (verb.empty()) {
      continue;
    }
    Action action{verb, deeds.service.empty() ? plain_subject(deeds.resource) : "", deeds.service, deeds.cause,
                  std::move(deeds.changes)};
    const auto same = std::ranges::find_if(out, [&](const Action& other) {
      return !other.service.empty() && other.service == action.service && other.verb == action.verb &&
             other.cause == action.cause && other.changes == action.changes;
    });
    if (same != out.end()) {
      containers[static_cast<std::size_t>(same - out.begin())].push_back(deeds.container);
      continue;
    }
    out.push_back(std::move(action));
    containers.push_back({deeds.container});
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i].service.empty()) {
      out[i].subject = subject_of(out[i].service, containers[i], containers_of(out[i].service, plan, observed));
    }
  }
  return out;
}

std::vector<std::string> untouched(const Plan& plan, const Observed& observed) {
  std::set<std::string> touched, live;
  for (const Deeds& deeds : Collector(plan).deeds) {
    touched.insert(deeds.service);
  }
  for (const auto& [name, container] : observed.containers) {
    if (container.one_off) {
      continue;
    }
    (container.live ? live : touched).insert(container.service);
  }
  std::vector<std::string> out;
  std::ranges::set_difference(live, touched, std::back_inserter(out));
  return out;
}

std::string describe(const Plan& plan, const Observed& observed, const PlaceOf& place_of) {
  if (plan.steps.empty()) {
    return "";
  }
  std::string out;
  for (const Action& action : actions(plan, observed)) {
    out += lines_of(action, place_of);
  }
  std::string stays;
  for (const std::string& service : untouched(plan, observed)) {
    stays += (stays.empty() ? "" : ", ") + service;
  }
  if (!stays.empty()) {
    out += fmt::format("leave as it is: {}\n", stays);
  }
  return out + "\n" + render(plan);
}

}  // namespace cmp::plan
