#include "compose/hash.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "compose/attributes.hpp"
#include "compose/expand.hpp"
#include "compose/json_text.hpp"
#include "compose/printable.hpp"
#include "compose/scalar.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

std::string hash_of(const Node& tree) {
  return sha256_hex(json_text(tree, Layout::kCompact));
}

}  // namespace

std::string service_hash(const Node& service) {
  static const Shape* const shape = find_shape("services.*");
  Node counted = printable(service, *shape, Output::kJson);
  for (const char* key : {"build", "pull_policy", "scale", "depends_on", "profiles"}) {
    counted.erase(key);
  }
  if (Node* deploy = counted.find("deploy")) {
    deploy->erase("replicas");
  }
  if (const Node* rootfs = find_path(service, {"x-rootfs"})) {
    append_entry(counted, "x-rootfs", *rootfs);
  }
  return hash_of(counted);
}

std::string network_hash(const Node& network) {
  static const Shape* const shape = find_shape("networks.*");
  return hash_of(printable(network, *shape, Output::kJson));
}

std::string volume_hash(const Node& volume) {
  static const Shape* const shape = find_shape("volumes.*");
  Node counted = printable(volume, *shape, Output::kJson);
  if (text_at(counted, "driver").empty()) {
    set_string(counted["driver"], "local");
  }
  std::ranges::sort(counted.entries, {}, &Entry::key);
  return hash_of(counted);
}

}  // namespace cmp::compose
