#include "engine/storage.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/nearest.hpp"
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

std::string_view type_name(model::MountType type) {
  switch (type) {
    case model::MountType::kNpipe:
      return "npipe";
    case model::MountType::kCluster:
      return "cluster";
    case model::MountType::kBind:
    case model::MountType::kVolume:
    case model::MountType::kTmpfs:
    case model::MountType::kImage:
      break;
  }
  return "";
}

/// Which one of its kind a mount is.
struct Numbers {
  int anonymous = 0;  ///< from 1
  int image = -1;     ///< from 0
};

std::string host_path_of(const state::Paths& paths, const model::Project& project, const model::Mount& mount,
                         const std::string& container, const Numbers& numbers) {
  switch (mount.type) {
    case model::MountType::kBind:
      return mount.source;
    case model::MountType::kVolume: {
      if (mount.source.empty()) {
        return fmt::format("{}/volumes/{}", paths.container_state_dir(container), numbers.anonymous);
      }
      const auto volume = project.volumes.find(mount.source);
      const std::string data = paths.volume_data(volume == project.volumes.end() ? mount.source : volume->second.name);
      return mount.subpath.empty() ? data : fmt::format("{}/{}", data, mount.subpath);
    }
    case model::MountType::kImage:
      return fmt::format("{}/{}", paths.images_dir(container), numbers.image);
    case model::MountType::kTmpfs:
    case model::MountType::kNpipe:
    case model::MountType::kCluster:
      break;
  }
  return "";
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

Status make_owned(const std::string& path, const Owner& owner, std::vector<std::string>& made) {
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

Owner owner_of(const std::string& path) {
  struct stat info {};

  return ::stat(path.c_str(), &info) == 0 ? Owner{info.st_uid, info.st_gid} : Owner{};
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

Status make_sources(const model::Service& service, const Owner& owner, std::vector<std::string>& made) {
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

std::vector<container::ResolvedMount> resolve_mounts(const state::Paths& paths, const model::Project& project,
                                                     const model::Service& service, const std::string& container) {
  std::vector<container::ResolvedMount> resolved;
  Numbers numbers;
  for (const model::Mount& mount : service.volumes) {
    numbers.anonymous += mount.type == model::MountType::kVolume && mount.source.empty() ? 1 : 0;
    numbers.image += mount.type == model::MountType::kImage ? 1 : 0;
    resolved.push_back({mount, host_path_of(paths, project, mount, container, numbers)});
  }
  return resolved;
}

std::vector<Error> check_mounts(const model::Service& service) {
  std::vector<Error> errors;
  for (const model::Mount& mount : service.volumes) {
    const std::string_view unsupported = type_name(mount.type);
    if (!unsupported.empty()) {
      errors.push_back(
          make_error(Code::kUnsupported,
                     fmt::format("service '{}': mounts of type {} are not in this release", service.name, unsupported))
              .at(mount.where));
    } else if (mount.type == model::MountType::kBind && !mount.create_host_path && !sys::exists(mount.source)) {
      errors.push_back(
          make_error(Code::kNotFound, fmt::format("service '{}': bind source path '{}' does not exist{}", service.name,
                                                  mount.source, suggest_existing(mount.source)))
              .at(mount.where));
    }
  }
  return errors;
}

Result<std::vector<std::string>> image_layers(const state::Paths& paths, const model::Service& service) {
  return layers_of(paths, service.image_id)
      .context(fmt::format("service '{}': image '{}'", service.name, service.image));
}

Result<std::vector<std::vector<std::string>>> mounted_layers(const state::Paths& paths, const model::Service& service) {
  std::vector<std::vector<std::string>> mounted;
  for (const model::Mount& mount : service.volumes) {
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
    const Owner owner = bind ? owner_of(split_path(outermost).first) : Owner{};
    if (Status done = make_owned(resolved.host_path, owner, made); !done) {
      return std::move(done).error().at(resolved.mount.where);
    }
  }
  return {};
}

}  // namespace cmp::engine
