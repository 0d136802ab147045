#include <string>
#include <utility>

#include "compose/expand.hpp"
#include "compose/phases.hpp"
#include "compose/scalar.hpp"

namespace cmp::compose {
namespace {

void default_to(Node& mapping, const char* key, const char* text) {
  if (mapping.is_mapping() && mapping.find(key) == nullptr) {
    append_entry(mapping, key, made_by_default(string_node(text, mapping.origin)));
  }
}

/// An empty context is none, too.
void build_context(Node& build) {
  default_to(build, "context", ".");
  Node* context = build.find("context");
  if (context != nullptr && context->is_scalar() && context->scalar.empty()) {
    *context = made_by_default(string_node(".", context->origin));
  }
}

void default_true(Node& mapping, const char* key) {
  if (mapping.is_mapping() && mapping.find(key) == nullptr) {
    append_entry(mapping, key, made_by_default(plain_node("true", mapping.origin)));
  }
}

void secret_targets(Node* grants) {
  if (grants == nullptr) {
    return;
  }
  for (Node& grant : grants->items) {
    const Node* source = grant.find("source");
    const Node* target = grant.find("target");
    if (source != nullptr && (target == nullptr || target->scalar.empty())) {
      Node path = made_by_default(string_node("/run/secrets/" + source->scalar, grant.origin));
      grant["target"] = std::move(path);
    }
  }
}

void device_counts(Node* requests) {
  if (requests == nullptr) {
    return;
  }
  for (Node& request : requests->items) {
    if (request.is_mapping() && request.find("count") == nullptr && request.find("device_ids") == nullptr) {
      append_entry(request, "count", made_by_default(plain_node("-1", request.origin)));
    }
  }
}

Node* descend(Node* node, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    node = node == nullptr ? nullptr : node->find(key);
  }
  return node;
}

void items_of(Node* list, void (*apply)(Node&)) {
  if (list != nullptr) {
    for (Node& item : list->items) {
      apply(item);
    }
  }
}

void port(Node& port) {
  default_to(port, "protocol", "tcp");
  default_to(port, "mode", "ingress");
}

void mount(Node& mount) {
  if (Node* bind = mount.find("bind")) {
    default_true(*bind, "create_host_path");
  }
}

void env_file(Node& file) {
  default_true(file, "required");
}

void dependency(Node& dependency) {
  default_to(dependency, "condition", "service_started");
  default_true(dependency, "required");
}

void service(Node& service) {
  if (Node* build = service.find("build")) {
    build_context(*build);
    secret_targets(build->find("secrets"));
  }
  if (Node* dependencies = service.find("depends_on")) {
    for (Entry& entry : dependencies->entries) {
      dependency(entry.value);
    }
  }
  items_of(service.find("ports"), port);
  items_of(service.find("volumes"), mount);
  items_of(service.find("env_file"), env_file);
  secret_targets(service.find("secrets"));
  device_counts(service.find("gpus"));
  device_counts(descend(&service, {"deploy", "resources", "reservations", "devices"}));
}

}  // namespace

void set_defaults(Node& tree) {
  if (Node* services = tree.find("services")) {
    for (Entry& entry : services->entries) {
      service(entry.value);
    }
  }
}

}  // namespace cmp::compose
