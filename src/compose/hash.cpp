#include "compose/hash.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "compose/attributes.hpp"
#include "compose/json_text.hpp"
#include "compose/printable.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

std::string hash_of(const View& view) {
  return sha256_hex(json_text(view, Layout::kCompact));
}

/// x-owner of a volume is said outside the service, and its containers mount it accordingly.
void add_owners(model::Service& service) {
  for (const model::Mount& mount : service.volumes) {
    if (mount.for_caller && !mount.volume_name.empty()) {
      service.config_hash = sha256_hex(service.config_hash + " x-owner " + mount.target);
    }
  }
}

}  // namespace

std::string service_hash(const Node& service) {
  static const Shape* const shape = find_shape("services.*");
  Printer printer(Output::kJson);
  View counted = printer.view(service, *shape);
  for (const char* key : {"build", "pull_policy", "scale", "depends_on", "profiles"}) {
    counted.erase(key);
  }
  if (View* deploy = counted.find("deploy")) {
    deploy->erase("replicas");
  }
  for (const char* key : {"x-rootfs", "x-lxcfs", "x-ready", "x-restart-unhealthy"}) {
    if (const Node* extension = find_path(service, {key})) {
      counted.entries.push_back({key, view_all(*extension)});
    }
  }
  return hash_of(counted);
}

std::string network_hash(const Node& network) {
  static const Shape* const shape = find_shape("networks.*");
  Printer printer(Output::kJson);
  return hash_of(printer.view(network, *shape));
}

std::string volume_hash(const Node& volume) {
  static const Shape* const shape = find_shape("volumes.*");
  Printer printer(Output::kJson);
  View counted = printer.view(volume, *shape);
  counted.kind = Node::Kind::kMapping;
  counted.erase("x-owner");  // how it is mounted, not what it is
  if (counted.find("driver") == nullptr) {
    counted.entries.push_back({"driver", string_view_of("local")});
  }
  std::ranges::sort(counted.entries, {}, &ViewEntry::key);
  return hash_of(counted);
}

void set_hashes(const Node& tree, model::Project& project) {
  for (const Entry& entry : entries_at(tree, "services")) {
    model::Service& service = project.services.at(entry.key);
    service.config_hash = service_hash(entry.value);
    add_owners(service);
  }
  for (const Entry& entry : entries_at(tree, "networks")) {
    // "host" and "none" are modes of services by now, not networks.
    if (const auto network = project.networks.find(entry.key); network != project.networks.end()) {
      network->second.config_hash = network_hash(entry.value);
    }
  }
  for (const Entry& entry : entries_at(tree, "volumes")) {
    project.volumes.at(entry.key).config_hash = volume_hash(entry.value);
  }
}

}  // namespace cmp::compose
