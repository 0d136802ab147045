// volumes, tmpfs and volumes_from.

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "compose/bind.hpp"
#include "compose/lexical_path.hpp"
#include "compose/quantity.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

using model::MountType;

MountType mount_type(const std::string& word) {
  constexpr std::array<std::pair<std::string_view, MountType>, 6> kTypes{{{"bind", MountType::kBind},
                                                                          {"volume", MountType::kVolume},
                                                                          {"tmpfs", MountType::kTmpfs},
                                                                          {"image", MountType::kImage},
                                                                          {"npipe", MountType::kNpipe},
                                                                          {"cluster", MountType::kCluster}}};
  const auto* found = std::ranges::find(kTypes, std::string_view(word), &std::pair<std::string_view, MountType>::first);
  return found == kTypes.end() ? MountType::kVolume : found->second;
}

void bind_tmpfs_options(const Node& mount, model::Mount& bound) {
  const Node* options = find_path(mount, {"tmpfs"});
  if (options == nullptr) {
    return;
  }
  if (const auto size = integer_at(*options, "size"); size && *size > 0) {
    bound.tmpfs_size = Bytes{*size};
  }
  if (const auto mode = integer_at(*options, "mode"); mode && *mode > 0) {
    bound.tmpfs_mode = static_cast<unsigned>(*mode);
  }
}

void bind_bind_options(const Node& mount, model::Mount& bound) {
  const Node* options = find_path(mount, {"bind"});
  if (bound.type == MountType::kBind) {
    bound.create_host_path = options == nullptr || bool_at(*options, "create_host_path").value_or(true);
  }
  if (options != nullptr) {
    bound.propagation = text_at(*options, "propagation");
    bound.recursive = text_at(*options, "recursive");
    bound.selinux = text_at(*options, "selinux");
  }
}

model::Mount bind_mount(const Node& mount) {
  model::Mount bound;
  bound.type = mount_type(text_at(mount, "type"));
  bound.source = text_at(mount, "source");
  bound.target = text_at(mount, "target");
  bound.read_only = bool_at(mount, "read_only").value_or(false);
  bound.where = mount.origin.pos();
  bound.for_caller = text_at(mount, "x-owner") == "me";
  bind_bind_options(mount, bound);
  for (const char* key : {"volume", "image"}) {
    if (const Node* options = find_path(mount, {key})) {
      bound.nocopy = bool_at(*options, "nocopy").value_or(false);
      bound.subpath = text_at(*options, "subpath");
      bound.labels = text_map(*options, "labels");
    }
  }
  bind_tmpfs_options(mount, bound);
  return bound;
}

/// Words that only switch something, which mount(8) has for a tmpfs.
bool is_tmpfs_switch(std::string_view name) {
  constexpr std::array<std::string_view, 13> kSwitches = {"exec",  "noexec", "suid",       "nosuid",  "dev",
                                                          "nodev", "sync",   "async",      "noatime", "relatime",
                                                          "atime", "noswap", "strictatime"};
  return std::ranges::find(kSwitches, name) != kSwitches.end();
}

/// False for an option that this mount can't have.
bool apply_tmpfs_option(std::string_view option, model::Mount& bound) {
  const std::string_view name = option.substr(0, option.find('='));
  const std::string_view value = name.size() < option.size() ? option.substr(name.size() + 1) : std::string_view();
  if (name == "size" && !value.ends_with('%')) {
    const auto size = parse_bytes(value);
    bound.tmpfs_size = size && size->count > 0 ? size : bound.tmpfs_size;
    return size.has_value();
  }
  if (name == "mode") {
    const auto mode = parse_octal(value);
    bound.tmpfs_mode = mode ? std::optional(static_cast<unsigned>(*mode)) : bound.tmpfs_mode;
    return mode.has_value();
  }
  if (name == "ro" || name == "rw") {
    bound.read_only = name == "ro";
    return true;
  }
  const bool valued = name == "size" || name == "uid" || name == "gid" || name == "nr_inodes" || name == "nr_blocks" ||
                      name == "huge" || name == "mpol";
  if ((valued && !value.empty()) || (value.empty() && is_tmpfs_switch(name))) {
    bound.tmpfs_options.emplace_back(option);
    return true;
  }
  return name.empty();
}

/// PATH[:option,option]
model::Mount bind_tmpfs(const Node& item, const std::string& place, Problems& problems) {
  model::Mount bound;
  const std::string_view text = item.scalar;
  bound.type = MountType::kTmpfs;
  bound.where = item.origin.pos();
  const std::size_t colon = text.find(':');
  bound.target = clean_path(text.substr(0, colon));
  std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    if (!apply_tmpfs_option(option, bound)) {
      problems.error(item.origin,
                     fmt::format("{}: a tmpfs has no option '{}' (it has size, mode, uid, gid, nr_inodes, ro, exec …)",
                                 place, option));
    }
  }
  return bound;
}

/// Adds the mounts of the services that `service` names, and, before that, what those have from others.
class Sharing {
 public:
  explicit Sharing(model::Project& project) : project_(project) {}

  void complete(model::Service& service) {
    if (!done_.insert(service.name).second) {
      return;
    }
    for (const model::VolumesFrom& from : service.volumes_from) {
      const auto other = project_.services.find(from.service);
      if (other != project_.services.end() && &other->second != &service) {
        complete(other->second);
        inherit(service, other->second, from);
      }
    }
  }

 private:
  /// What the service mounts there itself comes first; a tmpfs is nobody else's.
  void inherit(model::Service& service, const model::Service& other, const model::VolumesFrom& from) const {
    for (model::Mount mount : other.volumes) {
      const bool taken =
          std::ranges::find(service.volumes, mount.target, &model::Mount::target) != service.volumes.end();
      if (taken || mount.type == MountType::kTmpfs) {
        continue;
      }
      mount.read_only = mount.read_only || from.read_only;
      mount.nocopy = true;
      if (mount.inherited_from.empty()) {
        mount.inherited_from = model::container_name(project_, other, 1);
      }
      service.volumes.push_back(std::move(mount));
    }
  }

  model::Project& project_;
  std::set<std::string> done_;
};

}  // namespace

std::vector<model::Mount> bind_mounts(const std::string& name, const Node& service, Problems& problems) {
  std::vector<model::Mount> mounts;
  for (const Node& mount : items_at(service, "volumes")) {
    mounts.push_back(bind_mount(mount));
  }
  const auto& tmpfs = items_at(service, "tmpfs");
  for (std::size_t i = 0; i < tmpfs.size(); ++i) {
    mounts.push_back(bind_tmpfs(tmpfs[i], fmt::format("services.{}.tmpfs[{}]", name, i), problems));
  }
  return mounts;
}

std::vector<model::VolumesFrom> bind_volumes_from(const Node& service) {
  constexpr std::string_view kContainer = "container:";
  std::vector<model::VolumesFrom> all;
  for (const Node& item : items_at(service, "volumes_from")) {
    std::string_view text = item.scalar;
    const bool container = text.starts_with(kContainer);
    text.remove_prefix(container ? kContainer.size() : 0);
    const std::string_view name = text.substr(0, text.find(':'));
    const std::string_view mode = name.size() < text.size() ? text.substr(name.size() + 1) : std::string_view();
    model::VolumesFrom from;
    (container ? from.container : from.service) = name;
    from.read_only = mode.starts_with("ro");
    from.where = item.origin.pos();
    all.push_back(std::move(from));
  }
  return all;
}

void bind_shared_mounts(model::Project& project) {
  for (auto& [name, service] : project.services) {
    for (model::Mount& mount : service.volumes) {
      const auto volume = project.volumes.find(mount.source);
      if (mount.type == MountType::kVolume && volume != project.volumes.end()) {
        mount.volume_name = volume->second.name;
        mount.for_caller = mount.for_caller || volume->second.for_caller;
      }
    }
  }
  Sharing sharing(project);
  for (auto& [name, service] : project.services) {
    sharing.complete(service);
  }
}

}  // namespace cmp::compose
