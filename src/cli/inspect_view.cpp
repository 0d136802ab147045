#include "cli/inspect_view.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/container_view.hpp"
#include "cli/human.hpp"
#include "state/why.hpp"

namespace cmp::cli {

namespace {

using Json = nlohmann::json;
using state::ContainerRecord;
using state::ContainerState;

std::string text_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string time_text(WallTime time) {
  return time == WallTime() ? "0001-01-01T00:00:00Z" : rfc3339_nanoseconds(time);
}

Json health_of(const ContainerRecord& record) {
  return {{"Status", state::to_string(record.health)},
          {"FailingStreak", record.failing_streak},
          {"Log", health_log(record)}};
}

Json state_of(const ContainerRecord& record) {
  Json out = {{"Status", state::to_string(record.state)},
              {"Running", state::has_program(record.state)},
              {"Paused", record.state == ContainerState::kPaused},
              {"Restarting", record.state == ContainerState::kRestarting},
              {"OOMKilled", record.oom_killed},
              {"Dead", false},
              {"Pid", state::has_program(record.state) ? record.process.pid : 0},
              {"ExitCode", shown_exit_code(record)},
              {"ExitUnknown", record.exit_unknown},
              {"Error", record.error},
              {"Cause", state::has_program(record.state) ? record.last_end : state::end_cause(record)},
              {"StartedAt", time_text(record.started_at)},
              {"FinishedAt", time_text(record.finished_at)}};
  if (record.health != state::Health::kNone) {
    out["Health"] = health_of(record);
  }
  return out;
}

Json environment_of(const model::Service& service) {
  Json out = Json::array();
  for (const auto& [name, value] : service.environment) {
    if (value) {
      out.push_back(name + "=" + *value);
    }
  }
  return out;
}

Json list_or_null(const std::optional<std::vector<std::string>>& words) {
  return words ? Json(*words) : Json();
}

Json healthcheck_of(const model::HealthCheck& check) {
  return {{"Test", check.test},
          {"Interval", check.interval.count()},
          {"Timeout", check.timeout.count()},
          {"StartPeriod", check.start_period.count()},
          {"StartInterval", check.start_interval.count()},
          {"Retries", check.retries}};
}

Json config_of(const ContainerRecord& record) {
  const model::Service& service = record.service_definition;
  Json out = {{"Hostname", record.hostname},
              {"Domainname", service.domainname},
              {"User", service.user},
              {"Tty", service.tty},
              {"OpenStdin", service.stdin_open},
              {"Env", environment_of(service)},
              {"Cmd", list_or_null(service.command)},
              {"Entrypoint", list_or_null(service.entrypoint)},
              {"Image", record.image},
              {"WorkingDir", service.working_dir},
              {"Labels", record.labels},
              {"StopSignal", service.stop_signal},
              {"StopTimeout", std::chrono::duration_cast<std::chrono::seconds>(service.stop_grace_period).count()}};
  if (service.healthcheck.enabled()) {
    out["Healthcheck"] = healthcheck_of(service.healthcheck);
  }
  return out;
}

std::string_view restart_name(model::RestartMode mode) {
  switch (mode) {
    case model::RestartMode::kNo:
      return "no";
    case model::RestartMode::kAlways:
      return "always";
    case model::RestartMode::kOnFailure:
      return "on-failure";
    case model::RestartMode::kUnlessStopped:
      return "unless-stopped";
  }
  return "";
}

Json host_config_of(const ContainerRecord& record) {
  const model::Service& service = record.service_definition;
  const model::Limits& limits = service.limits;
  constexpr double kNano = 1e9;
  return {{"NetworkMode", !service.network_mode.empty() ? service.network_mode
                          : record.endpoints.empty()    ? "none"
                                                        : record.endpoints.front().network_name},
          {"RestartPolicy",
           {{"Name", restart_name(service.restart.mode)}, {"MaximumRetryCount", service.restart.max_attempts}}},
          {"LogConfig",
           {{"Type", service.logging.driver.empty() ? "json-file" : service.logging.driver},
            {"Config", service.logging.options}}},
          {"Privileged", service.privileged},
          {"ReadonlyRootfs", service.read_only},
          {"CapAdd", service.cap_add},
          {"CapDrop", service.cap_drop},
          {"SecurityOpt", service.security_opt},
          {"PidMode", service.pid},
          {"IpcMode", service.ipc},
          {"CgroupParent", service.cgroup_parent},
          {"Dns", service.dns},
          {"ExtraHosts", service.extra_hosts},
          {"Sysctls", service.sysctls},
          {"Init", service.init},
          {"Memory", limits.memory ? limits.memory->count : 0},
          {"NanoCpus", static_cast<std::int64_t>(limits.cpus.value_or(0) * kNano)},
          {"PidsLimit", limits.pids.value_or(0)}};
}

std::string_view mount_type(model::MountType type) {
  switch (type) {
    case model::MountType::kBind:
      return "bind";
    case model::MountType::kVolume:
      return "volume";
    case model::MountType::kTmpfs:
      return "tmpfs";
    case model::MountType::kImage:
      return "image";
    case model::MountType::kNpipe:
    case model::MountType::kCluster:
      break;
  }
  return "";
}

Json mounts_of(const state::Paths& paths, const ContainerRecord& record) {
  Json out = Json::array();
  std::size_t named = 0;
  for (const model::Mount& mount : record.service_definition.volumes) {
    Json entry = {{"Type", mount_type(mount.type)},
                  {"Source", mount.type == model::MountType::kBind ? mount.source : ""},
                  {"Destination", mount.target},
                  {"RW", !mount.read_only},
                  {"Propagation", mount.propagation}};
    const bool volume = mount.type == model::MountType::kVolume && !mount.source.empty();
    if (volume && named < record.local_volumes.size()) {
      entry["Name"] = record.local_volumes[named];
      entry["Source"] = paths.volume_data(record.local_volumes[named]);
      ++named;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

Json ports_of(const ContainerRecord& record) {
  Json out = Json::object();
  for (const int exposed : record.exposed) {
    out[fmt::format("{}/tcp", exposed)] = nullptr;
  }
  for (const state::PublishedPort& port : record.ports) {
    Json& bindings = out[fmt::format("{}/{}", port.target, port.protocol)];
    if (bindings.is_null()) {
      bindings = Json::array();
    }
    bindings.push_back(
        {{"HostIp", port.host_ip.empty() ? "0.0.0.0" : port.host_ip}, {"HostPort", std::to_string(port.host_port)}});
  }
  return out;
}

Json networks_of(const ContainerRecord& record) {
  Json out = Json::object();
  for (const state::EndpointRecord& endpoint : record.endpoints) {
    out[endpoint.network_name] = {{"Aliases", endpoint.aliases},
                                  {"IPAddress", endpoint.address},
                                  {"IPPrefixLen", endpoint.prefix},
                                  {"Gateway", endpoint.gateway},
                                  {"GlobalIPv6Address", endpoint.address6},
                                  {"GlobalIPv6PrefixLen", endpoint.address6.empty() ? 0 : endpoint.prefix6},
                                  {"IPv6Gateway", endpoint.gateway6}};
  }
  return out;
}

}  // namespace

nlohmann::json health_log(const ContainerRecord& record) {
  Json log = Json::array();
  for (const state::ProbeRecord& probe : record.probes) {
    log.push_back({{"Start", time_text(probe.start)},
                   {"End", time_text(probe.end)},
                   {"ExitCode", probe.exit_code},
                   {"Output", probe.output}});
  }
  return log;
}

std::string inspect_container(const state::Paths& paths, const ContainerRecord& record) {
  const std::vector<std::string>& command = record.command;
  return text_of({{"Id", record.id},
                  {"Created", time_text(record.created_at)},
                  {"Path", command.empty() ? "" : command.front()},
                  {"Args", command.empty() ? std::vector<std::string>()
                                           : std::vector<std::string>(command.begin() + 1, command.end())},
                  {"State", state_of(record)},
                  {"Image", record.service_definition.image_id},
                  {"Name", "/" + record.name},
                  {"RestartCount", record.restart_count},
                  {"Driver", "overlay"},
                  {"Platform", "linux"},
                  {"HostConfig", host_config_of(record)},
                  {"Mounts", mounts_of(paths, record)},
                  {"Config", config_of(record)},
                  {"NetworkSettings", {{"Ports", ports_of(record)}, {"Networks", networks_of(record)}}}});
}

std::string inspect_network(const state::NetworkRecord& record, const std::vector<ContainerRecord>& containers) {
  Json pools = Json::array({{{"Subnet", record.subnet}, {"Gateway", record.gateway}}});
  if (!record.subnet6.empty()) {
    pools.push_back({{"Subnet", record.subnet6}, {"Gateway", record.gateway6}});
  }
  Json members = Json::object();
  for (const ContainerRecord& container : containers) {
    for (const state::EndpointRecord& endpoint : container.endpoints) {
      if (endpoint.network_name == record.name) {
        members[container.id] = {
            {"Name", container.name},
            {"IPv4Address", fmt::format("{}/{}", endpoint.address, endpoint.prefix)},
            {"IPv6Address",
             endpoint.address6.empty() ? "" : fmt::format("{}/{}", endpoint.address6, endpoint.prefix6)}};
      }
    }
  }
  return text_of({{"Name", record.name},
                  {"Scope", "local"},
                  {"Driver", record.driver.empty() ? "bridge" : record.driver},
                  {"EnableIPv6", !record.subnet6.empty()},
                  {"Internal", record.internal},
                  {"IPAM", {{"Driver", "default"}, {"Config", std::move(pools)}}},
                  {"Containers", std::move(members)},
                  {"Options", record.options},
                  {"Labels", record.labels}});
}

std::string inspect_volume(const state::Paths& paths, const state::VolumeRecord& record) {
  return text_of({{"Name", record.name},
                  {"Driver", "local"},
                  {"Mountpoint", paths.volume_data(record.name)},
                  {"CreatedAt", time_text(record.created_at)},
                  {"Scope", "local"},
                  {"Labels", record.labels}});
}

}  // namespace cmp::cli
