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
    plan_.steps.push_back({id, std::move(resource), std::move(cause), std::move(op), std::move(needs), false});
    return id;
  }

  void best_effort(int id) { plan_.steps[static_cast<std::size_t>(id)].best_effort = true; }

  void need(int id, int other) { plan_.steps[static_cast<std::size_t>(id)].needs.push_back(other); }

  void warn(std::string message) { plan_.warnings.push_back(std::move(message)); }

  [[nodiscard]] Plan take() && { return std::move(plan_); }

 private:
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
