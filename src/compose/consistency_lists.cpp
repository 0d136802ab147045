#include <map>

#include <fmt/core.h>

#include "compose/consistency.hpp"
#include "compose/port_spec.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

void check_ports(const std::string& name, const Node& service, Problems& problems) {
  const auto& ports = items_at(service, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Node* published = ports[i].find("published");
    const Node* protocol = ports[i].find("protocol");
    const std::string place = fmt::format("services.{}.ports[{}]", name, i);
    if (published != nullptr && !published->scalar.empty() && !parse_port_range(published->scalar)) {
      problems.error(published->origin, fmt::format("{}: invalid published port '{}': write a port or a range such as "
                                                    "8000-8010",
                                                    place, published->scalar));
    }
    if (protocol != nullptr && protocol->scalar.empty()) {
      problems.error(protocol->origin, fmt::format("{}: protocol must be one of tcp, udp", place));
    }
  }
}

void check_addresses(const std::string& name, const Node& service, Problems& problems) {
  const auto& ports = items_at(service, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const Node* host_ip = ports[i].find("host_ip");
    if (host_ip != nullptr && !host_ip->scalar.empty() && !is_ip_address(host_ip->scalar)) {
      problems.error(host_ip->origin,
                     fmt::format("services.{}.ports[{}]: invalid ip address: {}", name, i, host_ip->scalar));
    }
  }
}

void check_name_servers(const std::string& name, const Node& service, Problems& problems) {
  const auto& servers = items_at(service, "dns");
  for (std::size_t i = 0; i < servers.size(); ++i) {
    if (!servers[i].scalar.empty() && !is_ip_address(servers[i].scalar)) {
      problems.error(servers[i].origin,
                     fmt::format("services.{}.dns[{}]: '{}' is no IP address", name, i, servers[i].scalar));
    }
  }
}

void warn_of_labels(const std::string& name, const Node& service, Problems& problems) {
  constexpr std::string_view kReserved = "com.docker.compose.";
  for (const Entry& label : entries_at(service, "labels")) {
    if (label.key.starts_with(kReserved)) {
      problems.warn(label.key_origin,
                    fmt::format("services.{}.labels: '{}' is reserved, labels with '{}' are not for files", name,
                                label.key, kReserved));
    }
  }
}

/// Says if `target` is a mount point already, else remembers it.
void claim(std::map<std::string, std::string>& mounts, const std::string& target, std::string place,
           const Origin& origin, Problems& problems) {
  if (target.empty()) {
    return;
  }
  const auto [owner, fresh] = mounts.emplace(target, place);
  if (!fresh) {
    problems.error(origin, fmt::format("{}: target {} already mounted as {}", place, target, owner->second));
  }
}

void check_mounts(const std::string& name, const Node& service, Problems& problems) {
  std::map<std::string, std::string> mounts;
  const auto& tmpfs = items_at(service, "tmpfs");
  for (std::size_t i = 0; i < tmpfs.size(); ++i) {
    const std::string target = tmpfs[i].scalar.substr(0, tmpfs[i].scalar.find(':'));
    claim(mounts, target, fmt::format("services.{}.tmpfs[{}]", name, i), tmpfs[i].origin, problems);
  }
  const auto& volumes = items_at(service, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const std::string place = fmt::format("services.{}.volumes[{}]", name, i);
    claim(mounts, text_at(volumes[i], "target"), place, volumes[i].origin, problems);
    if (text_at(volumes[i], "type") == "image" && text_at(volumes[i], "source").empty() && volumes[i].is_complete()) {
      problems.error(volumes[i].origin, fmt::format("{}: a mount of type 'image' needs a source: the image", place));
    }
  }
}

/// x-owner says "me", of what lies on this host.
void check_mount_owners(const std::string& name, const Node& service, Problems& problems) {
  const auto& volumes = items_at(service, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const Node* owner = volumes[i].find("x-owner");
    const std::string& type = text_at(volumes[i], "type");
    if (owner != nullptr && (owner->scalar != "me" || (type != "bind" && type != "volume"))) {
      problems.error(owner->origin,
                     owner->scalar == "me"
                         ? fmt::format("services.{}.volumes[{}].x-owner: a mount of type '{}' belongs to nobody here",
                                       name, i, type)
                         : fmt::format("services.{}.volumes[{}].x-owner must be 'me', who calls cmp", name, i));
    }
  }
}

/// What Docker's engine says to the same.
void check_bind_options(const std::string& name, const Node& service, Problems& problems) {
  const auto& volumes = items_at(service, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const Node* recursive = find_path(volumes[i], {"bind", "recursive"});
    const bool about_writing =
        recursive != nullptr && (recursive->scalar == "readonly" || recursive->scalar == "writable");
    if (about_writing && !bool_at(volumes[i], "read_only").value_or(false)) {
      problems.error(recursive->origin,
                     fmt::format("services.{}.volumes[{}]: bind.recursive '{}' needs read_only: true", name, i,
                                 recursive->scalar));
    }
  }
}

void warn_of_options(const std::string& name, const Node& service, Problems& problems) {
  for (const Node& mount : items_at(service, "volumes")) {
    const std::string& type = text_at(mount, "type");
    for (const char* option : {"bind", "volume", "tmpfs", "image"}) {
      const Node* found = mount.find(option);
      if (found != nullptr && type != option) {
        problems.warn(found->origin,
                      fmt::format("services.{}: mount of type '{}' should not define '{}' option", name, type, option));
      }
    }
  }
}

void check_probe(const std::string& name, const Node& service, Problems& problems) {
  const Node* test = find_path(service, {"healthcheck", "test"});
  if (test == nullptr || test->items.empty() || !test->is_complete()) {
    return;
  }
  const std::string& first = test->items.front().scalar;
  if (first != "CMD" && first != "CMD-SHELL" && first != "NONE") {
    problems.error(test->origin, fmt::format("services.{}: healthcheck.test must start either by \"CMD\", "
                                             "\"CMD-SHELL\" or \"NONE\", but starts with '{}'",
                                             name, first));
  }
}

void check_requests(const std::string& place, const Node* requests, Problems& problems) {
  if (requests == nullptr) {
    return;
  }
  for (std::size_t i = 0; i < requests->items.size(); ++i) {
    const Node& request = requests->items[i];
    if (request.find("count") != nullptr && request.find("device_ids") != nullptr) {
      problems.error(request.origin,
                     fmt::format("{}[{}]: \"count\" and \"device_ids\" attributes are exclusive", place, i));
    }
  }
}

void check_watch_targets(const std::string& name, const Node& service, Problems& problems) {
  const Node* rules = find_path(service, {"develop", "watch"});
  for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i) {
    const Node& rule = rules->items[i];
    const std::string& action = text_at(rule, "action");
    if (rule.is_complete() && action != "rebuild" && action != "restart" && text_at(rule, "target").empty()) {
      problems.error(rule.origin, fmt::format("services.{}.develop.watch[{}]: target is required for non-rebuild "
                                              "actions",
                                              name, i));
    }
  }
}

void check_watch_paths(const std::string& name, const Node& service, Problems& problems) {
  const Node* rules = find_path(service, {"develop", "watch"});
  for (std::size_t i = 0; rules != nullptr && i < rules->items.size(); ++i) {
    const Node* path = rules->items[i].find("path");
    if (path != nullptr && path->scalar.empty()) {
      problems.error(path->origin, fmt::format("services.{}.develop.watch[{}].path: value can't be blank", name, i));
    }
  }
}

}  // namespace

void check_service_lists(const std::string& name, const Node& service, Problems& problems) {
  check_ports(name, service, problems);
  check_mounts(name, service, problems);
  check_mount_owners(name, service, problems);
  check_bind_options(name, service, problems);
  warn_of_options(name, service, problems);
  check_name_servers(name, service, problems);
  warn_of_labels(name, service, problems);
  check_probe(name, service, problems);
  check_watch_targets(name, service, problems);
}

void check_service_values(const std::string& name, const Node& service, Problems& problems) {
  check_addresses(name, service, problems);
  check_watch_paths(name, service, problems);
  check_requests(fmt::format("services.{}.gpus", name), find_path(service, {"gpus"}), problems);
  check_requests(fmt::format("services.{}.deploy.resources.reservations.devices", name),
                 find_path(service, {"deploy", "resources", "reservations", "devices"}), problems);
}

}  // namespace cmp::compose
