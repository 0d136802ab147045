#pragma once
// A plan for people: what happens to each thing and why, drawn from the steps themselves, and what stays as it is.

#include <functional>
#include <string>
#include <vector>

#include "plan/plan.hpp"

namespace cmp::plan {

/// What is done to one thing, or to several alike.
struct Action {
  std::string verb;     ///< "create", "recreate", "update", "restart", "start", "stop", "remove", …
  std::string subject;  ///< "web", "web (shop-web-1, shop-web-2)", "network shop_front"
  std::string service;  ///< "" is not about a service
  std::string cause;
  std::vector<FieldChange> changes;
};

/// In the order of their first steps.
[[nodiscard]] std::vector<Action> actions(const Plan& plan, const Observed& observed);

/// Services of which every container is live and no step is about.
[[nodiscard]] std::vector<std::string> untouched(const Plan& plan, const Observed& observed);

/// Where a field of a service is written: "compose.yaml:14", or "".
using PlaceOf = std::function<std::string(const std::string& service, const std::string& path)>;

/// "recreate web: environment.LOG_LEVEL debug → info (compose.yaml:14)", a line for each cause; then what stays, then
/// the steps. "" for a plan without steps.
[[nodiscard]] std::string describe(const Plan& plan, const Observed& observed, const PlaceOf& place_of);

}  // namespace cmp::plan
