#include "engine/storage.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/nearest.hpp"
#include "engine/volumes.hpp"
#include "image/store.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

std::pair<std::string, std::string> split_path(const std::string& path) {
  const auto slash = path.rfind('/');
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

/// The path with each part that does not exist replaced by the name beside it that is most like it; "" if there is
/// none, or if the result does not exist either.
std::string nearest_path(const std::string& path) {
  const auto [directory, name] = split_path(path);
  if (directory != "/" && !sys::exists(directory)) {
    const std::string parent = nearest_path(directory);
    const std::string whole = parent + '/' + name;
    return parent.empty() || !sys::exists(whole) ? parent : whole;
  }
  const auto names = sys::list_directory(directory);
  if (!names) {
    return "";
  }
  const std::vector<std::string_view> candidates(names->begin(), names->end());
  const std::string_view found = nearest(name, candidates);
  return found.empty() || found == name ? "" : fmt::format("{}/{}", directory == "/" ? "" : directory, found);
}

std::string host_path_of(const state::Paths& paths, const model::Mount& mount, const std::string& container) {
  switch (mount.type) {
    case model::MountType::kBind:
      return mount.source;
    case model::MountType::kVolume:
      if (!mount.source.empty()) {
        return paths.volume_data(mount.volume_name.empty() ? mount.source : mount.volume_name);
      }
      return anonymous_volume_dir(paths, mount.inherited_from.empty() ? container : mount.inherited_from, mount.target);
    case model::MountType::kTmpfs:
    case model::MountType::kImage:
    case model::MountType::kNpipe:
    case model::MountType::kCluster:
      break;
  }
  return "";
}

/// volumes_from: container:NAME, of whichever project. What the service mounts there itself comes first.
Status inherit(const state::Paths& paths, const model::Service& service, const model::VolumesFrom& from,
               std::vector<container::ResolvedMount>& mounts) {
  const auto other = state::find_container(paths, from.container);
  if (!other) {
    return make_error(Code::kNotFound, fmt::format("service '{}': volumes_from: there is no container '{}'",
                                                   service.name, from.container))
        .at(from.where);
  }
  CMP_TRY(const auto theirs, resolve_mounts({paths.roots(), other->project}, other->service_definition, other->name));
  for (container::ResolvedMount resolved : theirs) {
    const bool taken = std::ranges::any_of(
        mounts, [&](const container::ResolvedMount& own) { return own.mount.target == resolved.mount.target; });
    if (!taken && resolved.mount.type != model::MountType::kTmpfs) {
      resolved.mount.read_only = resolved.mount.read_only || from.read_only;
      resolved.mount.nocopy = true;
      resolved.mount.where = from.where;
      mounts.push_back(std::move(resolved));
    }
  }
  return {};
}

bool is_missing_source(const model::Mount& mount) {
  return mount.type == model::MountType::kBind && mount.create_host_path && !sys::exists(mount.source);
}

/// The directory and those above it that are not there, outermost first.
std::vector<std::string> missing_directories(std::string path) {
  std::vector<std::string> missing;
  while (!path.empty() && path != "/" && !sys::exists(path)) {
    missing.push_back(path);
    path = split_path(path).first;
  }
  std::ranges::reverse(missing);
  return missing;
}

Status make_owned(const std::string& path, const model::HostOwner& owner, std::vector<std::string>& made) {
  for (const std::string& directory : missing_directories(path)) {
    if (::mkdir(directory.c_str(), 0755) != 0) {
      return sys_error(fmt::format("make directory '{}'", directory));
    }
    made.push_back(directory);
    if (::lchown(directory.c_str(), owner.uid, owner.gid) != 0) {
      return sys_error(fmt::format("change the owner of '{}'", directory));
    }
  }
  return {};
}

Result<std::vector<std::string>> layers_of(const state::Paths& paths, const std::string& image_id) {
  CMP_TRY(const image::Digest id, image::parse_digest(image_id));
  CMP_TRY(image::UsableImage image, image::Store(paths.roots()).use(id));
  return std::move(image.lower);
}

}  // namespace

std::string suggest_existing(const std::string& path) {
  const std::string found = nearest_path(path);
  return found.empty() ? "" : fmt::format(" (did you mean '{}'?)", found);
}

model::HostOwner owner_of(const std::string& path) {
  struct stat info {};

  return ::stat(path.c_str(), &info) == 0 ? model::HostOwner{info.st_uid, info.st_gid} : model::HostOwner{};
}

std::vector<Error> missing_sources(const model::Service& service) {
  std::vector<Error> missing;
  for (const model::Mount& mount : service.volumes) {
    if (is_missing_source(mount)) {
      missing.push_back(
          make_error(Code::kNotFound,
                     fmt::format("service '{}': bind source path '{}' does not exist: it becomes an empty "
                                 "directory{}",
                                 service.name, mount.source, suggest_existing(mount.source)))
              .at(mount.where));
    }
  }
  return missing;
}

Status make_sources(const model::Service& service, const model::HostOwner& owner, std::vector<std::string>& made) {
  for (const model::Mount& mount : service.volumes) {
    if (!is_missing_source(mount)) {
      continue;
    }
    if (Status done = make_owned(mount.source, owner, made); !done) {
      return std::move(done).error().context(fmt::format("service '{}': bind source", service.name)).at(mount.where);
    }
  }
  return {};
}

void unmake_sources(const std::vector<std::string>& made) {
  for (auto directory = made.rbegin(); directory != made.rend(); ++directory) {
    ::rmdir(directory->c_str());
  }
}

Result<std::vector<container::ResolvedMount>> resolve_mounts(const state::Paths& paths, const model::Service& service,
                                                             const std::string& container) {
  std::vector<container::ResolvedMount> resolved;
  for (const model::Mount& mount : service.volumes) {
    resolved.push_back({mount, host_path_of(paths, mount, container)});
  }
  for (const model::VolumesFrom& from : service.volumes_from) {
    if (!from.container.empty()) {
      CMP_CHECK(inherit(paths, service, from, resolved));
    }
  }
  int number = 0;
  for (container::ResolvedMount& mount : resolved) {
    if (mount.mount.type == model::MountType::kImage) {
      mount.host_path = fmt::format("{}/{}", paths.images_dir(container), number++);
    }
  }
  return resolved;
}

Result<std::vector<std::string>> image_layers(const state::Paths& paths, const model::Service& service) {
  return layers_of(paths, service.image_id)
      .context(fmt::format("service '{}': image '{}'", service.name, service.image));
}

Result<std::vector<std::vector<std::string>>> mounted_layers(const state::Paths& paths, const model::Service& service,
                                                             const std::vector<container::ResolvedMount>& mounts) {
  std::vector<std::vector<std::string>> mounted;
  for (const auto& [mount, path] : mounts) {
    if (mount.type != model::MountType::kImage) {
      continue;
    }
    auto layers = layers_of(paths, mount.image_id);
    if (!layers) {
      return std::move(layers)
          .error()
          .context(fmt::format("service '{}': volume on '{}': image '{}'", service.name, mount.target, mount.source))
          .at(mount.where);
    }
    mounted.push_back(*std::move(layers));
  }
  return mounted;
}

Status create_mount_sources(const std::vector<container::ResolvedMount>& mounts) {
  for (const container::ResolvedMount& resolved : mounts) {
    const bool anonymous = resolved.mount.type == model::MountType::kVolume && resolved.mount.source.empty();
    const bool bind = resolved.mount.type == model::MountType::kBind && resolved.mount.create_host_path;
    if (!(anonymous || bind) || sys::exists(resolved.host_path)) {
      continue;
    }
    std::vector<std::string> made;
    const std::string outermost = missing_directories(resolved.host_path).front();
    const model::HostOwner owner = bind ? owner_of(split_path(outermost).first) : model::HostOwner{};
    if (Status done = make_owned(resolved.host_path, owner, made); !done) {
      return std::move(done).error().at(resolved.mount.where);
    }
  }
  return {};
}

}  // namespace cmp::engine
