#pragma once
// A project of two services that tests of planning begin with, and the state in which it runs as declared.

#include <string>

#include "plan/plan.hpp"

namespace cmp::plan {

inline model::Project shop() {
  model::Project project;
  project.name = "shop";
  project.networks["back"] = {.key = "back", .name = "shop_back", .config_hash = "n1"};
  project.volumes["data"] = {.key = "data", .name = "shop_data"};
  model::Service& db = project.services["db"];
  db.name = "db";
  db.config_hash = "d1";
  db.networks["back"] = {};
  db.healthcheck.test = {"CMD", "true"};
  model::Mount mount;
  mount.source = "data";
  mount.volume_name = "shop_data";
  db.volumes.push_back(mount);
  model::Service& web = project.services["web"];
  web.name = "web";
  web.config_hash = "w1";
  web.networks["back"] = {};
  web.depends_on["db"] = {.condition = model::Condition::kHealthy};
  return project;
}

inline ObservedContainer running(const std::string& service, const std::string& hash) {
  ObservedContainer container;
  container.name = "shop-" + service + "-1";
  container.service = service;
  container.config_hash = hash;
  container.live = true;
  container.networks = {"back"};
  return container;
}

inline Observed everything_runs() {
  Observed observed;
  observed.containers["shop-db-1"] = running("db", "d1");
  observed.containers["shop-web-1"] = running("web", "w1");
  observed.containers["shop-web-1"].depends_on["db"] = {};
  observed.containers["shop-db-1"].volumes = {"shop_data"};
  observed.networks["back"] = {"back", "shop_back", "n1"};
  observed.volumes["shop_data"] = {"data", "shop_data", ""};
  return observed;
}

inline std::string plan_text(const model::Project& project, const Observed& observed, const UpOptions& options = {}) {
  const auto plan = reconcile(project, observed, options);
  return plan ? render(*plan) : "error: " + plan.error().message;
}

}  // namespace cmp::plan
