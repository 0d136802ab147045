#pragma once
// Collects steps: gives ids, remembers which step makes which resource.

#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"

namespace cmp::plan {

class Builder {
 public:
  /// Adds a step. \returns its id.
  int add(std::string resource, std::string cause, Op op, std::vector<int> needs = {}) {
    const int id = static_cast<int>(plan_.steps.size());
    Step step;
    step.id = id;
    step.resource = std::move(resource);
    step.cause = std::move(cause);
    step.op = std::move(op);
    step.needs = std::move(needs);
    plan_.steps.push_back(std::move(step));
    return id;
  }

  /// What has changed, of a step that was added.
  void changes(int id, std::vector<FieldChange> changes) { at(id).changes = std::move(changes); }

  /// It is a part of the update of this service.
  void rollout(int id, std::string service) { at(id).rollout = std::move(service); }

  void best_effort(int id) { at(id).best_effort = true; }

  void need(int id, int other) { at(id).needs.push_back(other); }

  void warn(std::string message) { plan_.warnings.push_back(std::move(message)); }

  [[nodiscard]] Plan take() && { return std::move(plan_); }

 private:
  [[nodiscard]] Step& at(int id) { return plan_.steps[static_cast<std::size_t>(id)]; }

  Plan plan_;
};

[[nodiscard]] inline std::string container_resource(const std::string& name) {
  return "container:" + name;
}

[[nodiscard]] inline std::string network_resource(const std::string& name) {
  return "network:" + name;
}

[[nodiscard]] inline std::string volume_resource(const std::string& name) {
  return "volume:" + name;
}

}  // namespace cmp::plan
