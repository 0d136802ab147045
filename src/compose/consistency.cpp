#include "compose/consistency.hpp"

#include <cmath>
#include <map>

#include <fmt/core.h>

#include "compose/bind.hpp"
#include "compose/forms.hpp"
#include "compose/quantity.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

struct SameLimit {
  const char* key;
  const char* group;
  const char* below;
};

constexpr SameLimit kSameLimits[] = {{"cpus", "limits", "cpus"},
                                     {"mem_limit", "limits", "memory"},
                                     {"mem_reservation", "reservations", "memory"},
                                     {"pids_limit", "limits", "pids"}};

/// As in Docker Compose, a group that leaves a limit out says 0.
void check_limits(const std::string& name, const Node& service, Problems& problems) {
  for (const SameLimit& same : kSameLimits) {
    const auto value = number_at(service, same.key);
    const Node* group = find_path(service, {"deploy", "resources", same.group});
    if (!value || *value == 0 || group == nullptr || !group->is_complete()) {
      continue;
    }
    const double other = number_at(*group, same.below).value_or(0);
    if (std::fabs(*value - other) > 1e-9) {
      problems.error(service.find(same.key)->origin,
                     fmt::format("services.{}: can't set distinct values on '{}' and 'deploy.resources.{}.{}'", name,
                                 same.key, same.group, same.below));
    }
  }
}

void check_scale(const std::string& name, const Node& service, Problems& problems) {
  const Node* scale = find_path(service, {"scale"});
  const Node* replicas = find_path(service, {"deploy", "replicas"});
  if (scale != nullptr && replicas != nullptr && scale->scalar != replicas->scalar) {
    problems.error(scale->origin,
                   fmt::format("services.{}: can't set distinct values on 'scale' and 'deploy.replicas'", name));
  }
  const Node* fixed = find_path(service, {"container_name"});
  const Node* count = scale != nullptr ? scale : replicas;
  if (fixed != nullptr && count != nullptr && parse_integer(count->scalar).value_or(1) > 1) {
    problems.error(fixed->origin,
                   fmt::format("services.{}: can't set container_name and {} above 1, as container names are unique",
                               name, scale != nullptr ? "scale" : "deploy.replicas"));
  }
}

void check_exclusive_keys(const std::string& name, const Node& service, Problems& problems) {
  const Node* networks = service.find("networks");
  const Node* mode = find_path(service, {"network_mode"});
  if (mode != nullptr && !mode->scalar.empty() && networks != nullptr && !networks->entries.empty()) {
    problems.error(mode->origin,
                   fmt::format("service {} declares mutually exclusive `network_mode` and `networks`", name));
  }
  const Node* build = find_path(service, {"build"});
  if (build != nullptr && !text_at(*build, "dockerfile").empty() && !text_at(*build, "dockerfile_inline").empty()) {
    problems.error(build->find("dockerfile_inline")->origin,
                   fmt::format("service {} declares mutually exclusive `dockerfile` and `dockerfile_inline`", name));
  }
}

void check_image(const std::string& name, const Node& service, Problems& problems) {
  const bool has_source = !text_at(service, "image").empty() || find_path(service, {"build"}) != nullptr ||
                          find_path(service, {"provider"}) != nullptr || find_path(service, {"x-rootfs"}) != nullptr;
  if (!has_source && service.is_complete() && !problems.files_missing) {
    problems.error(service.origin,
                   fmt::format("service \"{}\" has neither an image nor a build context specified", name));
  }
}

void check_extensions(const std::string& name, const Node& service, Problems& problems) {
  const Node* rootfs = service.find("x-rootfs");
  if (rootfs != nullptr && (kind_of(*rootfs) != kind::kText || rootfs->scalar.empty())) {
    problems.error(rootfs->origin, fmt::format("services.{}.x-rootfs must be 'host' or a directory", name));
  }
  const Node* lxcfs = service.find("x-lxcfs");
  if (lxcfs != nullptr && !bool_at(service, "x-lxcfs")) {
    problems.error(lxcfs->origin, fmt::format("services.{}.x-lxcfs must be true or false", name));
  }
  const Node* unhealthy = service.find("x-restart-unhealthy");
  if (unhealthy != nullptr && !bool_at(service, "x-restart-unhealthy")) {
    problems.error(unhealthy->origin, fmt::format("services.{}.x-restart-unhealthy must be true or false", name));
  }
  static_cast<void>(bind_ready(name, service, problems));
}

void check_platforms(const std::string& name, const Node& service, Problems& problems) {
  const std::string& platform = text_at(service, "platform");
  const Node* build = find_path(service, {"build"});
  const Node* platforms = build == nullptr ? nullptr : find_path(*build, {"platforms"});
  if (platform.empty() || platforms == nullptr || platforms->items.empty() || !platforms->is_complete()) {
    return;
  }
  for (const std::string& known : texts_at(*build, "platforms")) {
    if (known == platform) {
      return;
    }
  }
  problems.error(
      platforms->origin,
      fmt::format("services.{}: build.platforms must include the service's platform \"{}\"", name, platform));
}

}  // namespace

void check_services(const Node& tree, Problems& problems) {
  std::map<std::string, std::string> owners;
  for (const Entry& entry : entries_at(tree, "services")) {
    const Node& service = entry.value;
    check_image(entry.key, service, problems);
    check_extensions(entry.key, service, problems);
    check_exclusive_keys(entry.key, service, problems);
    check_scale(entry.key, service, problems);
    check_limits(entry.key, service, problems);
    check_platforms(entry.key, service, problems);
    check_service_lists(entry.key, service, problems);
    static_cast<void>(bind_restart(entry.key, service, problems));
    const Node* fixed = find_path(service, {"container_name"});
    if (fixed == nullptr) {
      continue;
    }
    const auto [owner, fresh] = owners.emplace(fixed->scalar, entry.key);
    if (!fresh) {
      problems.error(fixed->origin, fmt::format("services.{}: container name \"{}\" is already in use by service {}",
                                                entry.key, fixed->scalar, owner->second));
    }
  }
}

void check_values(const Node& tree, Problems& problems) {
  check_resources(tree, problems);
  for (const Entry& service : entries_at(tree, "services")) {
    check_service_values(service.key, service.value, problems);
  }
}

void check_consistency(const Node& tree, Problems& problems) {
  check_services(tree, problems);
  check_references(tree, problems);
  check_cycles(tree, problems);
}

}  // namespace cmp::compose
