#include "model/hooks.hpp"

#include <fmt/core.h>

namespace cmp::model {

namespace {

/// All but what the hook says itself, and what only one container can have.
Service hook_service(const Project& project, const Service& of, const Hook& hook, std::string name) {
  Service service = of;
  service.name = name;
  service.container_name = std::move(name);
  service.scale = 1;
  service.command = hook.command;
  service.image = !hook.image.empty()                     ? hook.image
                  : of.image.empty() && of.rootfs.empty() ? fmt::format("{}-{}", project.name, of.name)
                                                          : of.image;
  if (hook.image != of.image && !hook.image.empty()) {
    service.rootfs.clear();
  }
  service.build.reset();
  service.user = hook.user.empty() ? of.user : hook.user;
  service.working_dir = hook.working_dir.empty() ? of.working_dir : hook.working_dir;
  service.privileged = hook.privileged;
  for (const auto& [variable, value] : hook.environment) {
    service.environment.insert_or_assign(variable, value);
  }
  service.healthcheck = {.test = {"NONE"}, .ready = {}};
  service.restart = {};
  service.depends_on.clear();
  service.ports.clear();
  service.expose.clear();
  service.endpoint_mode.clear();
  service.tty = service.stdin_open = false;
  service.mac_address.clear();
  for (auto& [network, attachment] : service.networks) {
    attachment.aliases.clear();
    attachment.ipv4_address.clear();
    attachment.ipv6_address.clear();
    attachment.mac_address.clear();
    attachment.link_local_ips.clear();
  }
  service.pre_start.clear();
  service.post_start.clear();
  service.pre_stop.clear();
  service.where = hook.where;
  service.positions = {{"command", hook.where}, {"image", hook.where}};
  return service;
}

}  // namespace

std::string hook_container(const std::string& project, const std::string& service, std::size_t index, int number) {
  const std::string name = fmt::format("{}-{}-pre_start-{}", project, service, index);
  return number == 0 ? name : fmt::format("{}-{}", name, number);
}

void add_hooks(Project& project) {
  for (const auto& [name, service] : project.services) {
    for (std::size_t i = 0; i < service.pre_start.size(); ++i) {
      const Hook& hook = service.pre_start[i];
      const int last = hook.per_replica ? service.scale : 0;
      for (int number = hook.per_replica ? 1 : 0; number <= last; ++number) {
        const std::string container = hook_container(project.name, name, i, number);
        project.hooks[container] = {name, static_cast<int>(i), hook_service(project, service, hook, container)};
      }
    }
  }
}

Project with_hooks(Project project) {
  for (const auto& [name, hook] : project.hooks) {
    project.services.insert_or_assign(name, hook.service);
  }
  return project;
}

}  // namespace cmp::model
