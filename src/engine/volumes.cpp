#include "engine/volumes.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "base/sha256.hpp"
#include "container/mounts.hpp"
#include "rootfs/directories.hpp"
#include "rootfs/trash.hpp"
#include "rootfs/volume_mount.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

/// The last part of an anonymous volume's directory: its target, as a name.
std::string name_of_target(const std::string& target) {
  return sha256_hex(container::clean_path(target)).substr(0, 16);
}

std::string volume_dir(const state::Roots& roots, const std::string& name) {
  return fmt::format("{}/{}", state::volumes_dir(roots), name);
}

Status attach(const std::string& directory, const container::ResolvedMount& resolved) {
  const std::string noun = fmt::format("volume '{}'", resolved.mount.volume_name);
  if (!sys::exists(directory + "/_data")) {
    return make_error(Code::kNotFound, noun + " is gone").at(resolved.mount.where);
  }
  const auto record = state::read_volume(directory);
  if (!record || record->options.empty()) {
    return {};
  }
  CMP_TRY(const auto mount, rootfs::parse_volume_options(record->options).context(noun));
  if (Status mounted = rootfs::mount_volume(mount, directory + "/_data"); !mounted) {
    return std::move(mounted).error().context(noun).at(resolved.mount.where);
  }
  return {};
}

const model::Mount* mount_with(const model::Service& service, const std::string& name) {
  const auto found = std::ranges::find_if(service.volumes, [&](const model::Mount& mount) {
    return mount.type == model::MountType::kVolume && name_of_target(mount.target) == name;
  });
  return found == service.volumes.end() ? nullptr : &*found;
}

}  // namespace

Status create_volume(const state::Roots& roots, const std::string& project, const model::Volume& volume) {
  const std::string directory = volume_dir(roots, volume.name);
  if (state::read_volume(directory)) {
    return {};
  }
  state::VolumeRecord record;
  record.key = volume.key;
  record.name = volume.name;
  record.project = project;
  record.config_hash = volume.config_hash;
  record.driver = volume.driver;
  record.options = volume.driver_opts;
  record.labels = volume.labels;
  record.created_at = wall_now();
  CMP_CHECK(rootfs::make_volume(directory + "/_data"));
  return state::write_volume(directory, record);
}

Status attach_volumes(const state::Paths& paths, const std::vector<container::ResolvedMount>& mounts) {
  for (const container::ResolvedMount& resolved : mounts) {
    if (!resolved.mount.volume_name.empty()) {
      CMP_CHECK(attach(paths.volume_dir(resolved.mount.volume_name), resolved));
    }
  }
  return {};
}

Status detach_volumes(const state::Roots& roots, const state::ContainerRecord& container) {
  for (const std::string& name : container.local_volumes) {
    const std::string data = volume_dir(roots, name) + "/_data";
    if (!rootfs::is_mount_point(data)) {
      continue;
    }
    auto others = containers_with(roots, name);
    std::erase_if(others, [&](const state::ContainerRecord& other) { return other.name == container.name; });
    if (others.empty()) {
      CMP_CHECK(rootfs::unmount_volume(data).context(fmt::format("volume '{}'", name)));
    }
  }
  return {};
}

std::vector<state::ContainerRecord> containers_with(const state::Roots& roots, const std::string& name) {
  std::vector<state::ContainerRecord> out;
  for (const std::string& project : state::list_projects(roots).value_or(std::vector<std::string>())) {
    auto containers = state::read_containers({roots, project}, state::Check::kAsWritten);
    for (state::ContainerRecord& record : containers ? *containers : std::vector<state::ContainerRecord>()) {
      if (std::ranges::find(record.local_volumes, name) != record.local_volumes.end()) {
        out.push_back(std::move(record));
      }
    }
  }
  return out;
}

std::vector<std::string> volume_users(const state::Roots& roots, const std::string& name) {
  std::vector<std::string> users;
  for (const state::ContainerRecord& record : containers_with(roots, name)) {
    users.push_back(fmt::format("container {} of project {}", record.name, record.project));
  }
  return users;
}

std::string anonymous_volume_name(const state::ContainerRecord& container, const std::string& target) {
  return sha256_hex(fmt::format("{}\n{}\n{}", container.project, container.name, container::clean_path(target)));
}

std::string anonymous_volume_dir(const state::Paths& paths, const std::string& container, const std::string& target) {
  return fmt::format("{}/volumes/{}", paths.container_state_dir(container), name_of_target(target));
}

state::VolumeRecord anonymous_volume(const state::ContainerRecord& container, const model::Mount& mount) {
  state::VolumeRecord record;
  record.name = anonymous_volume_name(container, mount.target);
  record.project = container.project;
  record.labels = mount.labels;
  record.labels["com.docker.volume.anonymous"] = "";
  record.labels["com.docker.compose.project"] = container.project;
  record.labels["com.docker.compose.service"] = container.service;
  record.labels["cmp.container"] = container.name;
  record.labels["cmp.target"] = mount.target;
  record.created_at = container.created_at;
  return record;
}

Status trash_anonymous_volumes(const state::Roots& roots, const state::ContainerRecord& container,
                               const std::string& directory) {
  const auto names = sys::list_directory(directory);
  if (!names || container.started_at == WallTime() || container.auto_remove) {
    return {};
  }
  for (const std::string& name : *names) {
    const std::string data = directory + '/' + name;
    const model::Mount* const mount = mount_with(container.service_definition, name);
    const auto content = sys::list_directory(data);
    if (mount != nullptr && content && !content->empty()) {
      CMP_CHECK(
          rootfs::move_to_trash(roots, anonymous_volume(container, *mount), data, rootfs::Holds::kData, wall_now()));
    }
  }
  return {};
}

Status remove_volume(const state::Roots& roots, const std::string& name, bool for_good) {
  const std::string directory = volume_dir(roots, name);
  CMP_CHECK(rootfs::unmount_volume(directory + "/_data").context(fmt::format("volume '{}'", name)));
  const auto record = state::read_volume(directory);
  if (for_good || !record) {
    return rootfs::remove_forcibly(directory);
  }
  return rootfs::move_to_trash(roots, *record, directory, rootfs::Holds::kVolume, wall_now());
}

Status restore_volume(const state::Roots& roots, const std::string& name) {
  CMP_TRY(const auto trash, rootfs::list_trash(roots));
  const auto found = std::ranges::find_if(trash.rbegin(), trash.rend(), [&](const rootfs::Trashed& trashed) {
    return trashed.record.name == name || trashed.id == name;
  });
  if (found == trash.rend()) {
    return make_error(Code::kNotFound, fmt::format("the trash has no volume '{}'", name));
  }
  return rootfs::take_from_trash(roots, *found);
}

}  // namespace cmp::engine
