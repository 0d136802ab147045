#include "model/project.hpp"

#include <fmt/core.h>

namespace cmp::model {

std::string container_name(const Project& project, const Service& service, int number) {
  if (service.container_name.empty()) {
    return fmt::format("{0}{3}{1}{3}{2}", project.name, service.name, number, project.separator);
  }
  // The second one is there while an update lasts; those of no number are one-offs and hooks.
  return number <= 1 ? service.container_name : fmt::format("{}-{}", service.container_name, number);
}

bool is_job(const Service& service) {
  return service.deploy_mode == DeployMode::kReplicatedJob || service.deploy_mode == DeployMode::kGlobalJob;
}

}  // namespace cmp::model
