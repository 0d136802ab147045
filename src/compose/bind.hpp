#pragma once
// The parts of bind(): canonical tree → typed values. What the schema has checked is taken for granted; what is missing
// gets the specification's default.

#include "compose/node.hpp"
#include "compose/phases.hpp"
#include "model/project.hpp"

namespace cmp::compose {

[[nodiscard]] model::Service bind_service(const Entry& entry, Problems& problems);

// How it lives: healthcheck, restart (or deploy.restart_policy), limits (or deploy.resources).
[[nodiscard]] model::HealthCheck bind_healthcheck(const Node& service);
/// deploy.mode, update_config, rollback_config, into the service.
void bind_updates(const Node& service, model::Service& bound);
[[nodiscard]] model::RestartPolicy bind_restart(const std::string& name, const Node& service, Problems& problems);
[[nodiscard]] model::Limits bind_limits(const Node& service);
/// x-ready; what cannot be read is a problem and left out.
[[nodiscard]] std::vector<model::ReadyCheck> bind_ready(const std::string& name, const Node& service,
                                                        Problems& problems);
/// `key` is pre_start, post_start or pre_stop.
[[nodiscard]] std::vector<model::Hook> bind_hooks(const Node& service, std::string_view key);

// What it has: volumes and tmpfs, ports, networks, secrets and configs.
[[nodiscard]] std::vector<model::Mount> bind_mounts(const std::string& name, const Node& service, Problems& problems);
[[nodiscard]] std::vector<model::VolumesFrom> bind_volumes_from(const Node& service);
/// What mounts take from elsewhere in the project: names and x-owner of volumes, and the mounts of other services
/// (volumes_from).
void bind_shared_mounts(model::Project& project);
[[nodiscard]] std::vector<model::Port> bind_ports(const Node& service);
[[nodiscard]] std::map<std::string, model::Attachment> bind_attachments(const Node& service);
[[nodiscard]] std::vector<model::Device> bind_devices(const Node& service);
/// `gpus` and deploy.resources.reservations.devices.
[[nodiscard]] std::vector<model::DeviceRequest> bind_device_requests(const Node& service);
/// `key` is secrets or configs; a target that is no absolute path lies in `folder`.
[[nodiscard]] std::vector<model::FileGrant> bind_grants(const Node& service, std::string_view key,
                                                        std::string_view folder);

/// How its image comes: platform, pull_policy, build.
void bind_image(const Node& node, model::Service& service);

/// The mapping of limits under `ulimits`.
[[nodiscard]] std::map<std::string, model::Ulimit> bind_ulimits(const Node& mapping);

/// A mapping of variables; null values are none.
[[nodiscard]] std::map<std::string, std::optional<std::string>> bind_variables(const Node& mapping,
                                                                               std::string_view key);

/// The mapping under `key` as text; null values are "".
[[nodiscard]] std::map<std::string, std::string> text_map(const Node& mapping, std::string_view key);

}  // namespace cmp::compose
