#include "engine/records.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/core.h>

#include "base/sha256.hpp"
#include "model/hooks.hpp"

namespace cmp::engine {

namespace {

/// What the file publishes; the host's side is filled in when the port is bound.
std::vector<state::PublishedPort> published_ports(const model::Service& service) {
  std::vector<state::PublishedPort> ports;
  for (const model::Port& port : service.ports) {
    int host_port = 0;
    std::from_chars(port.published.data(), port.published.data() + port.published.size(), host_port);
    ports.push_back({port.host_ip, host_port, port.target, port.protocol});
  }
  return ports;
}

std::vector<int> exposed_ports(const model::Service& service) {
  std::vector<int> ports;
  for (const std::string& text : service.expose) {
    int port = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), port).ec == std::errc()) {
      ports.push_back(port);
    }
  }
  return ports;
}

std::string_view condition_name(model::Condition condition) {
  switch (condition) {
    case model::Condition::kStarted:
      return "service_started";
    case model::Condition::kHealthy:
      return "service_healthy";
    case model::Condition::kCompletedSuccessfully:
      return "service_completed_successfully";
  }
  return "";
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const std::string& part : parts) {
    out += (out.empty() ? "" : ",") + part;
  }
  return out;
}

std::string depends_on_label(const model::Service& service) {
  std::vector<std::string> parts;
  for (const auto& [name, edge] : service.depends_on) {
    parts.push_back(fmt::format("{}:{}:{}", name, condition_name(edge.condition), edge.restart));
  }
  return joined(parts);
}

void add_mounts(state::ContainerRecord& record, const RecordInputs& inputs) {
  for (const model::Mount& mount : inputs.service.volumes) {
    if (!mount.volume_name.empty()) {
      record.local_volumes.push_back(mount.volume_name);
      record.mounts.push_back(mount.volume_name);
    } else if (mount.type == model::MountType::kBind) {
      record.mounts.push_back(mount.source);
    }
  }
}

/// cgroup_parent is a path from the root of our part of the tree, whether it begins with a slash or not.
std::string below_parent(const std::string& parent, const std::string& path) {
  std::string clean;
  for (std::size_t at = 0; at < parent.size();) {
    const auto slash = std::min(parent.find('/', at), parent.size());
    const std::string part = parent.substr(at, slash - at);
    clean += part.empty() || part == "." ? "" : part + '/';
    at = slash + 1;
  }
  return clean + path;
}

plan::ObservedContainer observe_container(const state::ContainerRecord& record) {
  plan::ObservedContainer out;
  out.name = record.name;
  out.service = record.service;
  out.number = record.number;
  out.config_hash = record.config_hash;
  out.definition = record.service_definition;
  out.granted = plan::granted_digests(record.service_definition);
  out.image_id = record.service_definition.image_id;
  out.image_volumes = plan::image_volume_digests(record.service_definition);
  out.live = state::is_live(record.state);
  out.running = state::has_program(record.state);
  out.paused = record.state == state::ContainerState::kPaused;
  out.prepared = record.state == state::ContainerState::kCreated && record.process.pid != 0;
  out.healthy = record.health == state::Health::kHealthy;
  if (record.state == state::ContainerState::kExited && record.exit) {
    out.exit_code = record.exit->code;
  }
  for (const state::EndpointRecord& endpoint : record.endpoints) {
    out.networks.push_back(endpoint.network);
  }
  out.volumes = record.local_volumes;
  out.depends_on = record.service_definition.depends_on;
  out.probed = record.service_definition.healthcheck.enabled();
  out.one_off = state::is_one_off(record);
  out.post_start = !record.service_definition.post_start.empty();
  out.pre_stop = !record.service_definition.pre_stop.empty();
  for (std::size_t i = 0; i < record.service_definition.pre_start.size(); ++i) {
    const bool own = record.service_definition.pre_start[i].per_replica;
    (own ? out.own_hooks : out.shared_hooks)
        .push_back(model::hook_container(record.project, record.service, i, own ? record.number : 0));
  }
  for (const auto& [kind, shared] : record.shares) {
    out.owners.push_back(shared.container);
  }
  return out;
}

}  // namespace

std::vector<std::string> command_line(const model::Service& service) {
  std::vector<std::string> argv = service.entrypoint.value_or(std::vector<std::string>());
  const auto command = service.command.value_or(std::vector<std::string>());
  argv.insert(argv.end(), command.begin(), command.end());
  return argv;
}

std::map<std::string, std::string> container_labels(const RecordInputs& inputs) {
  const std::string prefix = "com.docker.compose.";
  std::map<std::string, std::string> labels = inputs.service.labels;
  labels[prefix + "project"] = inputs.project.name;
  labels[prefix + "service"] = inputs.service.name;
  labels[prefix + "container-number"] = std::to_string(inputs.number);
  labels[prefix + "config-hash"] = inputs.service.config_hash;
  if (!inputs.service.image_id.empty()) {
    labels[prefix + "image"] = inputs.service.image_id;
  }
  if (std::string digests = plan::image_volume_digests(inputs.service); !digests.empty()) {
    labels[prefix + "image-volume-digest"] = std::move(digests);
  }
  labels[prefix + "depends_on"] = depends_on_label(inputs.service);
  labels[prefix + "oneoff"] = inputs.one_off_of.empty() ? "False" : "True";
  if (!inputs.one_off_of.empty()) {
    labels[prefix + "service"] = inputs.one_off_of;
    labels[prefix + "slug"] = inputs.service.name;
  }
  if (inputs.hook >= 0) {
    labels[prefix + "hook"] = fmt::format("pre_start[{}]", inputs.hook);
  }
  labels[prefix + "project.config_files"] = joined(inputs.project.files);
  labels[prefix + "project.working_dir"] = inputs.project.working_dir;
  labels[prefix + "version"] = CMP_VERSION;
  return labels;
}

state::ContainerRecord make_record(const RecordInputs& inputs) {
  const model::Service& service = inputs.service;
  state::ContainerRecord record;
  record.project = inputs.project.name;
  record.service = inputs.one_off_of.empty() ? service.name : inputs.one_off_of;
  record.number = inputs.number;
  record.name = model::container_name(inputs.project, service, inputs.number);
  record.id =
      sha256_hex(fmt::format("{}\n{}\n{}", inputs.roots.run, record.name, inputs.now.time_since_epoch().count()));
  record.image = service.image;
  record.command = command_line(service);
  record.config_hash = service.config_hash;
  record.labels = container_labels(inputs);
  record.exposed = exposed_ports(service);
  record.cgroup =
      below_parent(service.cgroup_parent, state::cgroup_path(inputs.roots, inputs.project.name, record.name));
  record.endpoints = inputs.endpoints;
  record.ports = published_ports(service);
  record.service_definition = service;
  record.created_at = inputs.now;
  add_mounts(record, inputs);
  return record;
}

plan::Observed observe(const std::vector<state::ContainerRecord>& containers,
                       const std::vector<state::NetworkRecord>& networks,
                       const std::vector<state::VolumeRecord>& volumes,
                       const std::vector<state::NetworkRecord>& neighbour_networks, const std::string& project) {
  plan::Observed observed;
  for (const state::ContainerRecord& record : containers) {
    observed.containers.emplace(record.name, observe_container(record));
  }
  for (const state::NetworkRecord& record : networks) {
    observed.networks.emplace(record.key, plan::ObservedNetwork{record.key, record.name, record.config_hash});
  }
  for (const state::VolumeRecord& record : volumes) {
    if (record.project == project) {
      observed.volumes.emplace(record.name, plan::ObservedVolume{record.key, record.name, record.config_hash});
    } else {
      observed.foreign_volumes.emplace(record.name, record.project);
    }
  }
  for (const state::NetworkRecord& record : neighbour_networks) {
    if (record.project != project) {
      observed.foreign_networks.emplace(record.name, record.project);
    }
  }
  return observed;
}

}  // namespace cmp::engine
