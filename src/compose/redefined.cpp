// The uniqueness keys of compose-spec.md 2.7.

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "compose/merge.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

/// What identifies an entry; nothing if it is unlike any other.
using KeyOf = std::optional<std::string> (*)(const Node&);

std::optional<std::string> before_equals(const Node& item) {
  return item.is_scalar() ? std::optional(item.scalar.substr(0, item.scalar.find('='))) : std::nullopt;
}

std::optional<std::string> whole_text(const Node& item) {
  return item.is_scalar() ? std::optional(scalar_text(item)) : std::nullopt;
}

std::optional<std::string> field(const Node& item, std::string_view name) {
  const Node* value = item.find(name);
  return value != nullptr && value->is_scalar() ? std::optional(scalar_text(*value)) : std::nullopt;
}

std::optional<std::string> target(const Node& item) {
  return field(item, "target");
}

std::optional<std::string> mount_path(const Node& item, const std::string& folder) {
  if (item.is_scalar()) {
    return folder + "/" + item.scalar;
  }
  if (std::optional<std::string> given = target(item)) {
    return given;
  }
  const std::optional<std::string> source = field(item, "source");
  return source ? std::optional(folder + "/" + *source) : std::nullopt;
}

std::optional<std::string> secret_path(const Node& item) {
  return mount_path(item, "/run/secrets");
}

std::optional<std::string> config_path(const Node& item) {
  return mount_path(item, "");
}

std::optional<std::string> env_file_path(const Node& item) {
  return item.is_scalar() ? std::optional(item.scalar) : field(item, "path");
}

std::optional<std::string> port(const Node& item) {
  if (item.is_scalar()) {
    return scalar_text(item);
  }
  const std::optional<std::string> number = target(item);
  if (!number) {
    return {};
  }
  return field(item, "host_ip").value_or("0.0.0.0") + ":" + field(item, "published").value_or("") + ":" + *number +
         "/" + field(item, "protocol").value_or("tcp");
}

struct Unique {
  std::string_view attribute;
  KeyOf key;
};

constexpr std::array kService = {
    Unique{"annotations", before_equals},
    Unique{"cap_add", before_equals},
    Unique{"cap_drop", before_equals},
    Unique{"configs", config_path},
    Unique{"devices", target},
    Unique{"dns", before_equals},
    Unique{"dns_opt", before_equals},
    Unique{"dns_search", before_equals},
    Unique{"env_file", env_file_path},
    Unique{"environment", before_equals},
    Unique{"expose", whole_text},
    Unique{"labels", before_equals},
    Unique{"links", before_equals},
    Unique{"ports", port},
    Unique{"profiles", before_equals},
    Unique{"secrets", secret_path},
    Unique{"sysctls", before_equals},
    Unique{"tmpfs", before_equals},
    Unique{"volumes", target},
};

constexpr std::array kBuild = {
    Unique{"additional_contexts", before_equals},
    Unique{"args", before_equals},
    Unique{"labels", before_equals},
    Unique{"tags", before_equals},
};

constexpr std::array kAttachment = {
    Unique{"aliases", before_equals},
    Unique{"link_local_ips", before_equals},
};

constexpr std::array kLabels = {Unique{"labels", before_equals}};

void keep_last(Node& list, KeyOf key_of, bool explain) {
  if (list.items.size() < 2) {
    return;
  }
  std::vector<Node> kept;
  kept.reserve(list.items.size());
  std::unordered_map<std::string, std::size_t> known;
  for (Node& item : list.items) {
    std::optional<std::string> key = key_of(item);
    if (!key) {
      kept.push_back(std::move(item));
      continue;
    }
    const auto [it, is_new] = known.try_emplace(std::move(*key), kept.size());
    if (is_new) {
      kept.push_back(std::move(item));
    } else {
      if (explain && kept[it->second].origin.pos() != item.origin.pos()) {
        note_override(item, kept[it->second]);
      }
      kept[it->second] = std::move(item);
    }
  }
  list.items = std::move(kept);
}

template <std::size_t N>
void keep_last_of(Node& mapping, const std::array<Unique, N>& attributes, bool explain) {
  for (Entry& entry : mapping.entries) {
    if (entry.value.items.size() < 2) {
      continue;
    }
    const auto it = std::ranges::find(attributes, std::string_view(entry.key), &Unique::attribute);
    if (it != attributes.end()) {
      keep_last(entry.value, it->key, explain);
    }
  }
}

void in_service(Node& service, bool explain) {
  keep_last_of(service, kService, explain);
  if (Node* build = service.find("build")) {
    keep_last_of(*build, kBuild, explain);
  }
  if (Node* deploy = service.find("deploy")) {
    keep_last_of(*deploy, kLabels, explain);
  }
  if (Node* networks = service.find("networks")) {
    for (Entry& network : networks->entries) {
      keep_last_of(network.value, kAttachment, explain);
    }
  }
}

}  // namespace

void drop_redefined(Node& tree, bool explain) {
  if (Node* services = tree.find("services")) {
    for (Entry& service : services->entries) {
      in_service(service.value, explain);
    }
  }
  if (Node* networks = tree.find("networks")) {
    for (Entry& network : networks->entries) {
      keep_last_of(network.value, kLabels, explain);
    }
  }
}

}  // namespace cmp::compose
