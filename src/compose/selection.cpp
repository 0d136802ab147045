#include "compose/selection.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/core.h>

#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

using Names = std::set<std::string, std::less<>>;

std::vector<std::string> profiles_of(const Node& service) {
  std::vector<std::string> names;
  if (const Node* profiles = service.find("profiles")) {
    for (const Node& item : profiles->items) {
      names.push_back(item.scalar);
    }
  }
  return names;
}

bool is_enabled(const Node& service, const Names& active) {
  const std::vector<std::string> own = profiles_of(service);
  return own.empty() || active.contains("*") ||
         std::ranges::any_of(own, [&active](const std::string& name) { return active.contains(name); });
}

bool is_required(const Node& dependency) {
  const Node* required = dependency.find("required");
  return required == nullptr || scalar_text(*required) != "false";
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += text.empty() ? name : ", " + name;
  }
  return text;
}

/// Adds services.*.KEY[].source, or the items themselves if they are names.
void add_sources(const Node* grants, Names& used) {
  if (grants == nullptr) {
    return;
  }
  for (const Node& grant : grants->items) {
    const Node* source = grant.find("source");
    if (grant.is_scalar() || (source != nullptr && source->is_scalar())) {
      used.insert(grant.is_scalar() ? grant.scalar : source->scalar);
    }
  }
}

void add_volumes(const Node* mounts, Names& used) {
  if (mounts == nullptr) {
    return;
  }
  for (const Node& mount : mounts->items) {
    const Node* type = mount.find("type");
    const Node* source = mount.find("source");
    if (type != nullptr && type->scalar == "volume" && source != nullptr && !source->scalar.empty()) {
      used.insert(source->scalar);
    }
  }
}

struct Used {
  Names networks, volumes, secrets, configs;
};

void add_used(const Node& service, Used& used) {
  if (const Node* networks = service.find("networks")) {
    for (const Entry& network : networks->entries) {
      used.networks.insert(network.key);
    }
    add_sources(networks, used.networks);
  }
  add_volumes(service.find("volumes"), used.volumes);
  add_sources(service.find("secrets"), used.secrets);
  add_sources(service.find("configs"), used.configs);
  if (const Node* build = service.find("build")) {
    add_sources(build->find("secrets"), used.secrets);
  }
}

void keep(Node& tree, std::string_view kind, const Names& used) {
  Node* elements = tree.find(kind);
  if (elements == nullptr) {
    return;
  }
  std::erase_if(elements->entries, [&used](const Entry& entry) { return !used.contains(entry.key); });
  if (elements->entries.empty()) {
    tree.erase(kind);
  }
}

/// Adds the service and what it depends on.
void add_with_dependencies(const Node& services, const std::string& first, Names& wanted) {
  std::vector<std::string> pending = {first};
  while (!pending.empty()) {
    const std::string name = std::move(pending.back());
    pending.pop_back();
    const Node* service = services.find(name);
    if (service == nullptr || !wanted.insert(name).second) {
      continue;
    }
    if (const Node* dependencies = service->find("depends_on")) {
      for (const Entry& dependency : dependencies->entries) {
        pending.push_back(dependency.key);
      }
    }
  }
}

}  // namespace

std::vector<Entry> take_disabled(Node& tree, std::vector<std::string> profiles, const std::vector<std::string>& named) {
  Node* services = tree.find("services");
  if (services == nullptr) {
    return {};
  }
  const Names given(profiles.begin(), profiles.end());
  Names active = given;
  for (const std::string& name : named) {
    const Node* service = services->find(name);
    if (service != nullptr && !is_enabled(*service, given)) {
      const std::vector<std::string> own = profiles_of(*service);
      active.insert(own.begin(), own.end());
    }
  }
  const auto first = std::stable_partition(services->entries.begin(), services->entries.end(),
                                           [&active](const Entry& entry) { return is_enabled(entry.value, active); });
  std::vector<Entry> disabled(std::make_move_iterator(first), std::make_move_iterator(services->entries.end()));
  services->entries.erase(first, services->entries.end());
  return disabled;
}

SetAside::SetAside(Node& tree, const std::vector<Entry>& disabled, Problems& problems) {
  Node* services = tree.find("services");
  if (services == nullptr || disabled.empty()) {
    return;
  }
  for (Entry& service : services->entries) {
    Node* dependencies = service.value.find("depends_on");
    if (dependencies == nullptr) {
      continue;
    }
    for (const Entry& off : disabled) {
      const auto it = std::ranges::find(dependencies->entries, off.key, &Entry::key);
      if (it == dependencies->entries.end()) {
        continue;
      }
      if (is_required(it->value)) {
        problems.error(
            it->key_origin,
            fmt::format("service '{}' is required by '{}' but is disabled, it can be enabled by profiles [{}]", off.key,
                        service.key, joined(profiles_of(off.value))));
      }
      taken_.push_back({dependencies, std::move(*it)});
      dependencies->entries.erase(it);
    }
  }
}

void SetAside::restore() {
  for (Taken& taken : taken_) {
    taken.dependencies->entries.push_back(std::move(taken.entry));
  }
  taken_.clear();
}

void keep_services(Node& tree, const std::vector<std::string>& names, Problems& problems) {
  Node* services = tree.find("services");
  Names wanted;
  for (const std::string& name : names) {
    if (services == nullptr || services->find(name) == nullptr) {
      problems.errors.push_back(make_error(Code::kNotFound, fmt::format("no such service: '{}'", name)));
    } else {
      add_with_dependencies(*services, name, wanted);
    }
  }
  if (services == nullptr) {
    return;
  }
  std::erase_if(services->entries, [&wanted](const Entry& entry) { return !wanted.contains(entry.key); });
  for (Entry& service : services->entries) {
    if (Node* dependencies = service.value.find("depends_on")) {
      std::erase_if(dependencies->entries, [&wanted](const Entry& entry) { return !wanted.contains(entry.key); });
    }
  }
}

void drop_unused(Node& tree) {
  Used used;
  if (const Node* services = tree.find("services")) {
    for (const Entry& service : services->entries) {
      add_used(service.value, used);
    }
  }
  keep(tree, "networks", used.networks);
  keep(tree, "volumes", used.volumes);
  keep(tree, "secrets", used.secrets);
  keep(tree, "configs", used.configs);
}

}  // namespace cmp::compose
