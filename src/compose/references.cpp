#include <set>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "compose/consistency.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

/// What a section of the document defines.
class Section {
 public:
  Section(const Node& tree, std::string_view kind, const Problems& problems) {
    const Node* section = tree.find(kind);
    complete_ = !problems.files_missing && (section == nullptr ? tree : *section).is_complete();
    for (const Entry& entry : entries_at(tree, kind)) {
      names_.insert(entry.key);
    }
  }

  /// True if it is sure that there is no such element: an error may have hidden it.
  [[nodiscard]] bool lacks(const std::string& name) const { return complete_ && !names_.contains(name); }

  /// What to write instead of a name that it lacks.
  [[nodiscard]] std::string hint(std::string_view name) const {
    constexpr std::size_t kShortList = 12;
    const std::vector<std::string_view> candidates(names_.begin(), names_.end());
    if (const std::string_view meant = nearest(name, candidates); !meant.empty()) {
      return fmt::format(", did you mean '{}'?", meant);
    }
    std::string known;
    for (const std::string_view candidate : candidates) {
      known += fmt::format("{}{}", known.empty() ? "" : ", ", candidate);
    }
    return known.empty() || candidates.size() > kShortList ? std::string() : fmt::format(" (defined: {})", known);
  }

 private:
  std::set<std::string, std::less<>> names_;
  bool complete_ = true;
};

class References {
 public:
  References(const Node& tree, Problems& problems)
      : services_(tree, "services", problems),
        networks_(tree, "networks", problems),
        volumes_(tree, "volumes", problems),
        configs_(tree, "configs", problems),
        secrets_(tree, "secrets", problems),
        models_(tree, "models", problems),
        tree_(tree),
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
  /// `required: false` excuses a service that its profiles switch off, and that edge is gone by now. One that no file
  /// defines is a mistake all the same for Docker Compose, whatever the specification's "not available" may be meant to
  /// cover, and so it is here.
  void depends(const std::string& name, const Entry& dependency) {
    if (services_.lacks(dependency.key)) {
      problems_.error(dependency.key_origin, fmt::format("service \"{}\" depends on undefined service \"{}\"{}", name,
                                                         dependency.key, services_.hint(dependency.key)));
    }
  }

  void refers(const std::string& name, std::string_view kind, const std::string& target, const Section& known,
              const Origin& origin) {
    if (known.lacks(target)) {
      problems_.error(
          origin, fmt::format("service \"{}\" refers to undefined {} {}{}", name, kind, target, known.hint(target)));
    }
  }

  void grants(const std::string& name, const Node& holder, std::string_view key, std::string_view kind,
              const Section& known) {
    for (const Node& grant : items_at(holder, key)) {
      if (grant.find("source") == nullptr) {
        continue;  // it was wrong
      }
      refers(name, kind, text_at(grant, "source"), known, grant.origin);
    }
  }

  void contexts(const std::string& name, const Node& build) {
    constexpr std::string_view kServicePrefix = "service:";
    for (const Entry& entry : entries_at(build, "additional_contexts")) {
      const std::string& reference = entry.value.scalar;
      if (!reference.starts_with(kServicePrefix)) {
        continue;
      }
      const std::string target = reference.substr(kServicePrefix.size());
      if (services_.lacks(target)) {
        problems_.error(entry.value.origin,
                        fmt::format("service \"{}\" declares unknown service \"{}\" as additional context {}{}", name,
                                    target, entry.key, services_.hint(target)));
      } else if (has_no_build(target)) {
        problems_.error(entry.value.origin,
                        fmt::format("service \"{}\" declares non-buildable service \"{}\" as additional context {}: it "
                                    "has no build",
                                    name, target, entry.key));
      }
    }
  }

  /// True if the service is there and it is sure that nothing builds it.
  bool has_no_build(const std::string& name) const {
    const Node* service = find_path(tree_, {"services", name});
    return service != nullptr && service->is_complete() && find_path(*service, {"build"}) == nullptr;
  }

  Section services_, networks_, volumes_, configs_, secrets_, models_;
  const Node& tree_;
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
