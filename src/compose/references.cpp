#include <set>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/consistency.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

using Names = std::set<std::string, std::less<>>;

Names names_at(const Node& tree, std::string_view kind) {
  Names names;
  for (const Entry& entry : entries_at(tree, kind)) {
    names.insert(entry.key);
  }
  return names;
}

std::string hint(std::string_view name, const Names& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  const std::string_view meant = nearest(name, candidates);
  return meant.empty() ? std::string() : fmt::format(", did you mean '{}'?", meant);
}

class References {
 public:
  References(const Node& tree, Problems& problems)
      : services_(names_at(tree, "services")),
        networks_(names_at(tree, "networks")),
        volumes_(names_at(tree, "volumes")),
        configs_(names_at(tree, "configs")),
        secrets_(names_at(tree, "secrets")),
        models_(names_at(tree, "models")),
        problems_(problems) {}

  void check(const std::string& name, const Node& service) {
    for (const Entry& entry : entries_at(service, "depends_on")) {
      depends(name, entry);
    }
    for (const Entry& entry : entries_at(service, "networks")) {
      refers(name, "network", entry.key, networks_, entry.key_origin);
    }
    for (const Entry& entry : entries_at(service, "models")) {
      refers(name, "model", entry.key, models_, entry.key_origin);
    }
    for (const Node& mount : items_at(service, "volumes")) {
      const Node* source = mount.find("source");
      if (text_at(mount, "type") == "volume" && source != nullptr && !source->scalar.empty()) {
        refers(name, "volume", source->scalar, volumes_, source->origin);
      }
    }
    grants(name, service, "configs", "config", configs_);
    grants(name, service, "secrets", "secret", secrets_);
    if (const Node* build = service.find("build")) {
      grants(name, *build, "secrets", "build secret", secrets_);
      contexts(name, *build);
    }
  }

 private:
  void depends(const std::string& name, const Entry& dependency) {
    if (!services_.contains(dependency.key)) {
      problems_.error(dependency.key_origin, fmt::format("service \"{}\" depends on undefined service \"{}\"{}", name,
                                                         dependency.key, hint(dependency.key, services_)));
    }
  }

  void refers(const std::string& name, std::string_view kind, const std::string& target, const Names& known,
              const Origin& origin) {
    if (!known.contains(target)) {
      problems_.error(
          origin, fmt::format("service \"{}\" refers to undefined {} {}{}", name, kind, target, hint(target, known)));
    }
  }

  void grants(const std::string& name, const Node& holder, std::string_view key, std::string_view kind,
              const Names& known) {
    for (const Node& grant : items_at(holder, key)) {
      refers(name, kind, text_at(grant, "source"), known, grant.origin);
    }
  }

  void contexts(const std::string& name, const Node& build) {
    constexpr std::string_view kService = "service:";
    for (const Entry& entry : entries_at(build, "additional_contexts")) {
      const std::string& reference = entry.value.scalar;
      if (reference.starts_with(kService) && !services_.contains(reference.substr(kService.size()))) {
        problems_.error(entry.value.origin,
                        fmt::format("service \"{}\" declares unknown service \"{}\" as additional context {}", name,
                                    reference.substr(kService.size()), entry.key));
      }
    }
  }

  Names services_, networks_, volumes_, configs_, secrets_, models_;
  Problems& problems_;
};

}  // namespace

void check_references(const Node& tree, Problems& problems) {
  References references(tree, problems);
  for (const Entry& entry : entries_at(tree, "services")) {
    references.check(entry.key, entry.value);
  }
}

}  // namespace cmp::compose
