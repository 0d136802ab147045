#include "compose/bind.hpp"
#include "compose/quantity.hpp"
#include "compose/scalar.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

std::optional<std::vector<std::string>> bind_command(const Node& service, std::string_view key) {
  const Node* command = service.find(key);
  if (command == nullptr || command->is_null()) {
    return std::nullopt;
  }
  return texts_at(service, key);
}

model::Condition bind_condition(const std::string& word) {
  if (word == "service_healthy") {
    return model::Condition::kHealthy;
  }
  return word == "service_completed_successfully" ? model::Condition::kCompletedSuccessfully
                                                  : model::Condition::kStarted;
}

std::map<std::string, model::Dependency> bind_dependencies(const Node& service) {
  std::map<std::string, model::Dependency> dependencies;
  for (const Entry& entry : entries_at(service, "depends_on")) {
    dependencies.emplace(entry.key, model::Dependency{.condition = bind_condition(text_at(entry.value, "condition")),
                                                      .required = bool_at(entry.value, "required").value_or(true),
                                                      .restart = bool_at(entry.value, "restart").value_or(false),
                                                      .where = entry.key_origin.pos()});
  }
  return dependencies;
}

int bind_scale(const Node& service) {
  const Node* deploy = find_path(service, {"deploy"});
  const std::int64_t replicas = deploy == nullptr ? 1 : integer_at(*deploy, "replicas").value_or(1);
  return static_cast<int>(integer_at(service, "scale").value_or(replicas));
}

/// Where each key was written, for what goes wrong later.
std::map<std::string, SourcePos> bind_positions(const Node& service) {
  std::map<std::string, SourcePos> positions;
  for (const Entry& entry : service.entries) {
    const Origin& origin = entry.key_origin.line > 0 ? entry.key_origin : entry.value.origin;
    if (origin.line > 0) {
      positions.emplace(entry.key, origin.pos());
    }
  }
  return positions;
}

void bind_identity(const Entry& entry, model::Service& service) {
  const Node& node = entry.value;
  service.name = entry.key;
  service.image = text_at(node, "image");
  service.rootfs = text_at(node, "x-rootfs");
  service.lxcfs = bool_at(node, "x-lxcfs").value_or(false);
  service.container_name = text_at(node, "container_name");
  service.user = text_at(node, "user");
  service.group_add = texts_at(node, "group_add");
  service.hostname = text_at(node, "hostname");
  service.domainname = text_at(node, "domainname");
  service.labels = text_map(node, "labels");
  service.where = entry.key_origin.pos();
  service.positions = bind_positions(node);
}

void bind_process(const Node& node, model::Service& service) {
  service.command = bind_command(node, "command");
  service.entrypoint = bind_command(node, "entrypoint");
  service.environment = bind_variables(node, "environment");
  service.working_dir = text_at(node, "working_dir");
  service.stop_signal = text_at(node, "stop_signal");
  if (const auto grace = parse_duration(text_at(node, "stop_grace_period"))) {
    service.stop_grace_period = *grace;
  }
  if (const Node* logging = find_path(node, {"logging"})) {
    service.logging = {text_at(*logging, "driver"), text_map(*logging, "options")};
  }
  service.attach = bool_at(node, "attach").value_or(true);
  service.init = bool_at(node, "init").value_or(false);
  service.tty = bool_at(node, "tty").value_or(false);
  service.stdin_open = bool_at(node, "stdin_open").value_or(false);
}

void bind_network_keys(const Node& node, model::Service& service) {
  service.ports = bind_ports(node);
  service.expose = texts_at(node, "expose");
  if (const Node* deploy = find_path(node, {"deploy"})) {
    service.endpoint_mode = text_at(*deploy, "endpoint_mode");
  }
  service.network_mode = text_at(node, "network_mode");
  service.mac_address = text_at(node, "mac_address");
  service.networks = bind_attachments(node);
  service.links = texts_at(node, "links");
  service.external_links = texts_at(node, "external_links");
  service.dns = texts_at(node, "dns");
  service.dns_search = texts_at(node, "dns_search");
  service.dns_opt = texts_at(node, "dns_opt");
  service.extra_hosts = texts_at(node, "extra_hosts");
}

void bind_restrictions(const Node& node, model::Service& service) {
  service.read_only = bool_at(node, "read_only").value_or(false);
  service.privileged = bool_at(node, "privileged").value_or(false);
  service.cap_add = texts_at(node, "cap_add");
  service.cap_drop = texts_at(node, "cap_drop");
  service.security_opt = texts_at(node, "security_opt");
  service.devices = bind_devices(node);
  service.device_cgroup_rules = texts_at(node, "device_cgroup_rules");
  service.device_requests = bind_device_requests(node);
  service.sysctls = text_map(node, "sysctls");
  service.ulimits = bind_ulimits(node);
  if (const auto size = integer_at(node, "shm_size"); size && *size > 0) {
    service.shm_size = Bytes{*size};
  }
  if (const auto score = integer_at(node, "oom_score_adj")) {
    service.oom_score_adj = static_cast<int>(*score);
  }
  service.pid = text_at(node, "pid");
  service.ipc = text_at(node, "ipc");
  service.uts = text_at(node, "uts");
  service.cgroup = text_at(node, "cgroup");
  service.userns_mode = text_at(node, "userns_mode");
  service.cgroup_parent = text_at(node, "cgroup_parent");
  service.runtime = text_at(node, "runtime");
  service.isolation = text_at(node, "isolation");
  service.storage_opt = text_map(node, "storage_opt");
  // In bytes, if it is a size: container/storage.hpp reads it.
  if (const auto size = service.storage_opt.find("size"); size != service.storage_opt.end()) {
    const auto bytes = parse_bytes(size->second);
    size->second = bytes ? std::to_string(bytes->count) : size->second;
  }
  service.limits = bind_limits(node);
}

}  // namespace

model::Service bind_service(const Entry& entry, Problems& problems) {
  const Node& node = entry.value;
  model::Service service;
  bind_identity(entry, service);
  bind_image(node, service);
  bind_process(node, service);
  bind_network_keys(node, service);
  bind_restrictions(node, service);
  service.depends_on = bind_dependencies(node);
  service.healthcheck = bind_healthcheck(node);
  service.healthcheck.ready = bind_ready(entry.key, node, problems);
  service.restart = bind_restart(entry.key, node, problems);
  service.scale = bind_scale(node);
  bind_updates(node, service);
  service.volumes = bind_mounts(entry.key, node, problems);
  service.volumes_from = bind_volumes_from(node);
  service.secrets = bind_grants(node, "secrets", "/run/secrets/");
  service.configs = bind_grants(node, "configs", "/");
  service.pre_start = bind_hooks(node, "pre_start");
  service.post_start = bind_hooks(node, "post_start");
  service.pre_stop = bind_hooks(node, "pre_stop");
  return service;
}

}  // namespace cmp::compose
