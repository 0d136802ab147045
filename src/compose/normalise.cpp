#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compose/expand.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

bool is_empty(const Node* node) {
  return node == nullptr || (node->items.empty() && node->entries.empty());
}

std::string text_of(const Node& mapping, const char* key) {
  const Node* value = mapping.find(key);
  return value == nullptr ? std::string() : value->scalar;
}

// ---- references between services

/// `service:x` names a service; nothing else does.
std::string_view service_reference(std::string_view text) {
  constexpr std::string_view kPrefix = "service:";
  return text.starts_with(kPrefix) ? text.substr(kPrefix.size()) : std::string_view();
}

struct Implied {
  std::string service;
  Origin origin;
  bool restart = true;
};

void add_listed(const Node& service, const char* key, bool restart, std::vector<Implied>& implied) {
  const Node* list = service.find(key);
  if (list == nullptr) {
    return;
  }
  for (const Node& item : list->items) {
    const std::string name = item.scalar.substr(0, item.scalar.find(':'));
    if (restart || name != "container") {
      implied.push_back({name, item.origin, restart});
    }
  }
}

std::vector<Implied> implied_dependencies(const Node& service) {
  std::vector<Implied> implied;
  add_listed(service, "links", true, implied);
  for (const char* key : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
    const Node* value = service.find(key);
    if (value != nullptr && !service_reference(value->scalar).empty()) {
      implied.push_back({std::string(service_reference(value->scalar)), value->origin, true});
    }
  }
  add_listed(service, "volumes_from", false, implied);
  return implied;
}

void add_dependencies(Node& service) {
  for (const Implied& implied : implied_dependencies(service)) {
    Node& all = service["depends_on"];
    all.kind = Node::Kind::kMapping;
    if (all.find(implied.service) != nullptr) {
      continue;
    }
    Node dependency = empty_mapping(implied.origin);
    append_entry(dependency, "condition", string_node("service_started", implied.origin));
    if (implied.restart) {
      append_entry(dependency, "restart", plain_node("true", implied.origin));
    }
    append_entry(dependency, "required", plain_node("true", implied.origin));
    for (Entry& entry : dependency.entries) {
      entry.value.made = Made::kImplied;
    }
    append_entry(all, implied.service, std::move(dependency));
  }
}

// ---- the environment

void look_up(Node* values, const Variables& variables) {
  if (values == nullptr) {
    return;
  }
  for (Entry& entry : values->entries) {
    const auto found = entry.value.is_null() ? variables.find(entry.key) : variables.end();
    if (found != variables.end()) {
      set_string(entry.value, found->second);
      entry.value.made = Made::kEnvironment;
    }
  }
}

void normalise_build(Node& build, const Variables& variables) {
  if (text_of(build, "dockerfile").empty() && text_of(build, "dockerfile_inline").empty()) {
    build["dockerfile"] = made_by_default(string_node("Dockerfile", build.origin));
  }
  if (Node* args = build.find("args")) {
    look_up(args, variables);
    std::erase_if(args->entries, [](const Entry& entry) { return entry.value.is_null(); });
  }
}

// ---- services

void inherit_image(Node& service) {
  const Node* image = service.find("image");
  Node* hooks = service.find("pre_start");
  if (image == nullptr || hooks == nullptr) {
    return;
  }
  const Node inherited = *image;
  for (Node& hook : hooks->items) {
    if (hook.is_mapping() && text_of(hook, "image").empty()) {
      hook["image"] = inherited;
    }
  }
}

/// `scale` and `deploy.replicas` are one number; where there is a deploy, it holds it too.
void share_scale(Node& service) {
  const Node* scale = service.find("scale");
  Node* deploy = service.find("deploy");
  if (scale != nullptr && scale->is_scalar() && deploy != nullptr && deploy->is_mapping() &&
      deploy->find("replicas") == nullptr) {
    append_entry(*deploy, "replicas", *scale);
  }
}

/// True if the service ends up on the project's default network.
bool join_default_network(Node& service) {
  const bool alone = is_empty(service.find("networks")) && text_of(service, "network_mode").empty();
  if (alone && service.find("provider") == nullptr) {
    Node membership = empty_mapping(service.origin);
    Node none;
    none.origin = service.origin;
    append_entry(membership, "default", made_by_default(std::move(none)));
    service["networks"] = std::move(membership);
  }
  const Node* networks = service.find("networks");
  return networks != nullptr && networks->find("default") != nullptr;
}

void normalise_service(Node& service, const Variables& variables) {
  if (Node* policy = service.find("pull_policy"); policy != nullptr && policy->scalar == "if_not_present") {
    policy->scalar = "missing";
  }
  if (Node* build = service.find("build"); build != nullptr && build->is_mapping()) {
    normalise_build(*build, variables);
  }
  look_up(service.find("environment"), variables);
  share_scale(service);
  inherit_image(service);
  add_dependencies(service);
}

// ---- top-level elements

bool is_external(const Node& resource) {
  return text_of(resource, "external") == "true";
}

void name_resources(Node& resources, const std::string& project) {
  for (Entry& entry : resources.entries) {
    if (entry.value.is_null()) {
      entry.value.kind = Node::Kind::kMapping;
    }
    if (text_of(entry.value, "name").empty()) {
      std::string name = is_external(entry.value) ? entry.key : fmt::format("{}_{}", project, entry.key);
      entry.value["name"] = made_by_default(string_node(std::move(name), entry.value.origin));
    }
  }
}

}  // namespace

void normalise(Node& tree, const std::string& project, const Variables& variables, Problems&) {
  bool default_used = false;
  if (Node* services = tree.find("services")) {
    for (Entry& entry : services->entries) {
      if (entry.value.is_mapping()) {
        normalise_service(entry.value, variables);
        default_used = join_default_network(entry.value) || default_used;
      }
    }
  }
  if (default_used) {
    Node& networks = tree["networks"];
    networks.kind = Node::Kind::kMapping;
    static_cast<void>(networks["default"]);
  }
  for (const char* kind : {"networks", "volumes", "configs", "secrets"}) {
    if (Node* resources = tree.find(kind)) {
      name_resources(*resources, project);
    }
  }
}

}  // namespace cmp::compose
