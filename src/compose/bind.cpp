#include "compose/bind.hpp"

#include <fmt/core.h>

#include "compose/scalar.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

bool flag(const Node& mapping, std::string_view key, bool otherwise = false) {
  return bool_at(mapping, key).value_or(otherwise);
}

SourcePos place_of(const Entry& entry) {
  return entry.key_origin.line > 0 ? entry.key_origin.pos() : entry.value.origin.pos();
}

std::vector<model::IpamPool> bind_pools(const Node& network) {
  std::vector<model::IpamPool> pools;
  const Node* list = find_path(network, {"ipam", "config"});
  if (list == nullptr) {
    return pools;
  }
  for (const Node& pool : list->items) {
    pools.push_back({.subnet = text_at(pool, "subnet"),
                     .ip_range = text_at(pool, "ip_range"),
                     .gateway = text_at(pool, "gateway"),
                     .aux_addresses = text_map(pool, "aux_addresses"),
                     .where = pool.origin.pos()});
  }
  return pools;
}

model::Network bind_network(const Entry& entry) {
  const Node& node = entry.value;
  model::Network network;
  network.key = entry.key;
  network.name = text_at(node, "name");
  network.driver = text_at(node, "driver");
  network.driver_opts = text_map(node, "driver_opts");
  network.labels = text_map(node, "labels");
  network.ipam = bind_pools(node);
  network.external = flag(node, "external");
  network.internal = flag(node, "internal");
  network.attachable = flag(node, "attachable");
  network.enable_ipv4 = flag(node, "enable_ipv4", true);
  network.enable_ipv6 = flag(node, "enable_ipv6");
  network.where = place_of(entry);
  return network;
}

model::Volume bind_volume(const Entry& entry) {
  const Node& node = entry.value;
  model::Volume volume;
  volume.key = entry.key;
  volume.name = text_at(node, "name");
  volume.driver = text_at(node, "driver");
  volume.driver_opts = text_map(node, "driver_opts");
  volume.labels = text_map(node, "labels");
  volume.external = flag(node, "external");
  volume.for_caller = text_at(node, "x-owner") == "me";
  volume.where = place_of(entry);
  return volume;
}

model::FileSource bind_file(const Entry& entry) {
  const Node& node = entry.value;
  model::FileSource file;
  file.key = entry.key;
  file.name = text_at(node, "name");
  file.file = text_at(node, "file");
  file.environment = text_at(node, "environment");
  if (const Node* content = find_path(node, {"content"})) {
    file.content = content->scalar;
  }
  file.external = flag(node, "external");
  file.where = place_of(entry);
  return file;
}

/// com.docker.network.bridge.host_binding_ipv4 of the first network of the service that says it; else empty.
std::string host_binding(const model::Service& service, const std::map<std::string, model::Network>& networks) {
  for (const auto& [key, attachment] : service.networks) {
    const auto network = networks.find(key);
    if (network == networks.end()) {
      continue;
    }
    const auto& options = network->second.driver_opts;
    if (const auto address = options.find("com.docker.network.bridge.host_binding_ipv4"); address != options.end()) {
      return address->second;
    }
  }
  return {};
}

/// Where ports are published that name no address.
void bind_host_addresses(model::Project& project) {
  for (auto& [name, service] : project.services) {
    const std::string address = host_binding(service, project.networks);
    for (model::Port& port : service.ports) {
      if (port.host_ip.empty()) {
        port.host_ip = address;
      }
    }
  }
}

/// "host" and "none" as networks, by their driver or as the engine's own ones of these names: no network at all.
std::string mode_of(const model::Network& network) {
  const std::string& word = network.external ? network.name : network.driver;
  return word == "host" || word == "none" ? word : "";
}

void bind_network_modes(model::Project& project, Problems& problems) {
  for (auto& [name, service] : project.services) {
    for (const auto& [key, attachment] : service.networks) {
      const auto network = project.networks.find(key);
      const std::string mode = network == project.networks.end() ? "" : mode_of(network->second);
      if (!mode.empty() && service.networks.size() > 1) {
        problems.errors.push_back(make_error(Code::kInvalid, fmt::format("service '{}': network '{}' is '{}', which "
                                                                         "cannot be beside others",
                                                                         name, key, mode))
                                      .at(attachment.where));
      } else if (!mode.empty()) {
        service.network_mode = mode;
      }
    }
    if (service.network_mode == "host" || service.network_mode == "none") {
      service.networks.clear();
    }
  }
  std::erase_if(project.networks, [](const auto& entry) { return !mode_of(entry.second).empty(); });
}

template <typename T, typename Bind>
std::map<std::string, T> bind_all(const Node& tree, std::string_view key, Bind bind_one) {
  std::map<std::string, T> all;
  for (const Entry& entry : entries_at(tree, key)) {
    all.emplace(entry.key, bind_one(entry));
  }
  return all;
}

}  // namespace

std::map<std::string, std::string> text_map(const Node& mapping, std::string_view key) {
  std::map<std::string, std::string> texts;
  for (const Entry& entry : entries_at(mapping, key)) {
    texts.emplace(entry.key, entry.value.is_scalar() ? scalar_text(entry.value) : std::string());
  }
  return texts;
}

Result<model::Project> bind(const Node& tree, const std::string& project, Problems& problems) {
  const std::size_t known = problems.errors.size();
  model::Project bound;
  bound.name = project;
  bound.services =
      bind_all<model::Service>(tree, "services", [&](const Entry& entry) { return bind_service(entry, problems); });
  bound.networks = bind_all<model::Network>(tree, "networks", bind_network);
  bound.volumes = bind_all<model::Volume>(tree, "volumes", bind_volume);
  bound.secrets = bind_all<model::FileSource>(tree, "secrets", bind_file);
  bound.configs = bind_all<model::FileSource>(tree, "configs", bind_file);
  bind_network_modes(bound, problems);
  if (problems.errors.size() > known) {
    return std::move(problems).combined();
  }
  bind_host_addresses(bound);
  bind_shared_mounts(bound);
  return bound;
}

}  // namespace cmp::compose
