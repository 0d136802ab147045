#include <cstdlib>
#include <memory>

#include <fmt/core.h>

#include "compose/attributes.hpp"
#include "compose/lexical_path.hpp"
#include "compose/phases.hpp"
#include "compose/place.hpp"

namespace cmp::compose {
namespace {

bool is_windows_path(std::string_view path) {
  return path.starts_with("\\\\") || (path.size() > 2 && path[1] == ':' && (path[2] == '\\' || path[2] == '/'));
}

/// The path with its symbolic links followed, as far as it exists.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? std::string(real.get()) : path;
}

class Resolver {
 public:
  Resolver(const std::string& directory, const std::string& home, Problems& problems)
      : directory_(directory), home_(home), problems_(problems) {}

  void service(Node& service, const Place& place) {
    if (Node* build = service.find("build")) {
      resolve_build(*build);
    }
    each_path(service.find("env_file"), "path");
    each(service.find("label_file"));
    if (Node* extends = service.find("extends")) {
      path(extends->find("file"));
    }
    if (Node* develop = service.find("develop")) {
      watches(develop->find("watch"));
    }
    mounts(service.find("volumes"), place);
    if (Node* rootfs = service.find("x-rootfs"); rootfs != nullptr && rootfs->scalar != "host") {
      path(rootfs);
    }
  }

  void volume(Node& volume) {
    Node* options = volume.find("driver_opts");
    const Node* driver = volume.find("driver");
    const Node* o = options == nullptr ? nullptr : options->find("o");
    if (driver != nullptr && driver->scalar == "local" && o != nullptr && o->scalar == "bind") {
      path(options->find("device"));
    }
  }

  void path(Node* node) const {
    if (node != nullptr && node->is_scalar() && !node->scalar.empty()) {
      node->scalar = absolute(node->scalar);
    }
  }

  void each(Node* list) const {
    if (list != nullptr) {
      path(list);
      for (Node& item : list->items) {
        path(&item);
      }
    }
  }

  void include(Node& include) const {
    each(include.find("path"));
    path(include.find("project_directory"));
    each(include.find("env_file"));
  }

 private:
  [[nodiscard]] std::string absolute(const std::string& path) const {
    if (path.starts_with('~')) {
      return clean_path(home_ + "/" + path.substr(1));
    }
    return is_windows_path(path) ? path : join_path(directory_, path);
  }

  void context(Node* node) const {
    if (node != nullptr && node->is_scalar() && !is_remote(node->scalar)) {
      path(node);
    }
  }

  void resolve_build(Node& build) const {
    context(build.find("context"));
    if (Node* contexts = build.find("additional_contexts")) {
      for (Entry& entry : contexts->entries) {
        context(&entry.value);
      }
    }
    if (Node* keys = build.find("ssh")) {
      for (Entry& entry : keys->entries) {
        path(&entry.value);
      }
    }
  }

  void each_path(Node* list, std::string_view key) const {
    if (list != nullptr) {
      for (Node& item : list->items) {
        path(item.find(key));
      }
    }
  }

  void watches(Node* list) const {
    if (list == nullptr) {
      return;
    }
    for (Node& watch : list->items) {
      if (Node* watched = watch.find("path"); watched != nullptr && !watched->scalar.empty()) {
        watched->scalar = real_path(absolute(watched->scalar));
      }
    }
  }

  void mounts(Node* list, const Place& place) {
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i) {
      Node& mount = list->items[i];
      const Node* type = mount.find("type");
      if (type == nullptr || type->scalar != "bind") {
        continue;
      }
      Node* source = mount.find("source");
      if ((source == nullptr || source->scalar.empty()) && mount.is_complete()) {
        problems_.error(mount.origin,
                        fmt::format("{}: invalid mount config for type \"bind\": field Source must not be empty",
                                    place.at("volumes").at(i).text()));
      }
      path(source);
    }
  }

  const std::string& directory_;
  const std::string& home_;
  Problems& problems_;
};

template <typename Visit>
void each_entry(Node* mapping, Visit visit) {
  if (mapping != nullptr) {
    for (Entry& entry : mapping->entries) {
      visit(entry);
    }
  }
}

}  // namespace

void resolve_paths(Node& tree, const std::string& directory, const std::string& home, Problems& problems) {
  Resolver resolver(directory, home, problems);
  const Place root;
  const Place services = root.at("services");
  each_entry(tree.find("services"), [&](Entry& entry) { resolver.service(entry.value, services.at(entry.key)); });
  each_entry(tree.find("volumes"), [&](Entry& entry) { resolver.volume(entry.value); });
  for (const char* kind : {"configs", "secrets"}) {
    each_entry(tree.find(kind), [&](Entry& entry) { resolver.path(entry.value.find("file")); });
  }
  if (Node* includes = tree.find("include")) {
    for (Node& include : includes->items) {
      resolver.include(include);
    }
  }
}

}  // namespace cmp::compose
