#include "compose/field_place.hpp"

#include <array>

#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

/// The same said under deploy.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kDeployed = {{
    {"cpus", "deploy.resources.limits.cpus"},
    {"mem_limit", "deploy.resources.limits.memory"},
    {"pids_limit", "deploy.resources.limits.pids"},
    {"mem_reservation", "deploy.resources.reservations.memory"},
    {"restart", "deploy.restart_policy"},
}};

struct Found {
  SourcePos where;
  bool any = false;
};

/// Keys may have dots in them: the longest one that fits is taken.
Found follow(const Node& from, std::string_view path) {
  const Entry* best = nullptr;
  for (const Entry& entry : from.entries) {
    const bool fits = path == entry.key || (path.starts_with(entry.key) && path[entry.key.size()] == '.');
    if (fits && (best == nullptr || entry.key.size() > best->key.size())) {
      best = &entry;
    }
  }
  if (best == nullptr) {
    return {};
  }
  const Origin& origin = best->value.origin.line > 0 ? best->value.origin : best->key_origin;
  Found found{origin.pos(), origin.line > 0};
  // A block begins below its key, which is what a reader looks for.
  if (!best->value.is_scalar() && best->key_origin.line > 0) {
    found = {best->key_origin.pos(), true};
  }
  if (path.size() > best->key.size()) {
    const Found deeper = follow(best->value, path.substr(best->key.size() + 1));
    found = deeper.any ? deeper : found;
  }
  return found;
}

}  // namespace

SourcePos place_of_field(const Node& tree, std::string_view service, std::string_view path) {
  for (const Entry& entry : entries_at(tree, "services")) {
    if (entry.key != service) {
      continue;
    }
    Found found = follow(entry.value, path);
    for (const auto& [own, deployed] : kDeployed) {
      if (!found.any && path == own) {
        found = follow(entry.value, deployed);
      }
    }
    return found.any ? found.where : entry.key_origin.pos();
  }
  return {};
}

}  // namespace cmp::compose
