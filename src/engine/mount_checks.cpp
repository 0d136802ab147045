#include "engine/mount_checks.hpp"

#include <fcntl.h>
#include <sys/mount.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "engine/storage.hpp"
#include "rootfs/volume_options.hpp"
#include "state/record.hpp"
#include "sys/file.hpp"
#include "sys/id_mapping.hpp"
#include "sys/mount.hpp"
#include "sys/mount_table.hpp"

namespace cmp::engine {

namespace {

Error refuse(const model::Service& service, const model::Mount& mount, Code code, const std::string& reason) {
  return make_error(code, fmt::format("service '{}': {}", service.name, reason)).at(mount.where);
}

Status check_source(const model::Service& service, const model::Mount& mount) {
  if (mount.create_host_path || sys::exists(mount.source)) {
    return {};
  }
  return refuse(service, mount, Code::kNotFound,
                fmt::format("bind source path '{}' does not exist{}", mount.source, suggest_existing(mount.source)));
}

/// Docker's engine says the same when the container starts.
Status check_propagation(const model::Service& service, const model::Mount& mount) {
  const std::string word = mount.propagation.starts_with('r') ? mount.propagation.substr(1) : mount.propagation;
  if ((word != "shared" && word != "slave") || !sys::exists(mount.source)) {
    return {};
  }
  char* const real = ::realpath(mount.source.c_str(), nullptr);
  const std::string path = real == nullptr ? mount.source : real;
  ::free(real);  // NOLINT(cppcoreguidelines-no-malloc): realpath has made it
  CMP_TRY(const std::string mountinfo, sys::read_file("/proc/self/mountinfo"));
  const std::string is = propagation_at(mountinfo, path);
  if (is == "shared" || (word == "slave" && is == "slave")) {
    return {};
  }
  return refuse(service, mount, Code::kUnsupported,
                fmt::format("bind '{}': propagation '{}' needs a source on a {} mount, which this one is not (mount "
                            "--make-rshared makes one)",
                            mount.source, mount.propagation, word == "slave" ? "shared or slave" : "shared"));
}

/// Found out by trying, on a mount that nobody will see.
Status check_owner(const model::Service& service, const model::Mount& mount, const std::string& path) {
  if (!mount.for_caller || path.empty() || !sys::exists(path)) {
    return {};
  }
  const auto tried = [&]() -> Status {
    CMP_TRY(const UniqueFd tree, sys::open_tree(AT_FDCWD, path, OPEN_TREE_CLONE));
    CMP_TRY(const UniqueFd mapping, sys::swapping_user_namespace({0, 1}, {0, 1}));
    return sys::map_owners(tree.get(), mapping.get(), fmt::format("'{}'", path));
  };
  Status can = tried();
  return can ? Status() : std::move(can).error().context(fmt::format("service '{}'", service.name)).at(mount.where);
}

Status check_volume(const state::Paths& paths, const model::Project& project, const model::Service& service,
                    const model::Mount& mount) {
  const auto found = project.volumes.find(mount.source);
  if (found == project.volumes.end()) {
    return {};
  }
  const model::Volume& volume = found->second;
  if (volume.external) {
    return sys::exists(paths.volume_data(volume.name))
               ? Status()
               : make_error(Code::kNotFound,
                            fmt::format("external volume \"{}\" not found (`cmp volume create {}` makes "
                                        "it)",
                                        volume.name, volume.name))
                     .at(volume.where);
  }
  if (!volume.driver.empty() && volume.driver != "local") {
    return make_error(Code::kUnsupported,
                      fmt::format("volume '{}': driver '{}' is not there: cmp has 'local'", volume.key, volume.driver))
        .at(volume.where);
  }
  if (!volume.driver_opts.empty()) {
    auto options = rootfs::parse_volume_options(volume.driver_opts);
    return options ? Status()
                   : std::move(options)
                         .error()
                         .context(fmt::format("volume '{}': driver_opts", volume.key))
                         .at(volume.where);
  }
  return check_owner(service, mount, sys::exists(paths.volume_data(volume.name)) ? paths.volume_data(volume.name) : "");
}

Status check_mount(const state::Paths& paths, const model::Project& project, const model::Service& service,
                   const model::Mount& mount) {
  switch (mount.type) {
    case model::MountType::kBind:
      CMP_CHECK(check_source(service, mount));
      CMP_CHECK(check_propagation(service, mount));
      return check_owner(service, mount, mount.source);
    case model::MountType::kVolume:
      return check_volume(paths, project, service, mount);
    case model::MountType::kTmpfs:
    case model::MountType::kImage:
      return {};
    case model::MountType::kNpipe:
      return refuse(service, mount, Code::kUnsupported,
                    "mounts of type npipe are for Windows: Linux has no named pipes "
                    "of that kind (bind a socket or a FIFO)");
    case model::MountType::kCluster:
      return refuse(service, mount, Code::kUnsupported, "mounts of type cluster need a Swarm, which cmp is not");
  }
  return {};
}

}  // namespace

std::string propagation_at(const std::string& mountinfo, const std::string& path) {
  std::size_t longest = 0;
  std::string propagation;
  for (const sys::MountEntry& entry : sys::parse_mount_table(mountinfo)) {
    const std::string& point = entry.point;
    const bool holds = point == "/" || path == point || path.starts_with(point + '/');
    if (holds && point.size() >= longest) {
      longest = point.size();
      propagation = entry.propagation;
    }
  }
  return propagation;
}

std::vector<Error> check_mounts(const state::Paths& paths, const model::Project& project,
                                const model::Service& service) {
  std::vector<Error> errors;
  for (const model::Mount& mount : service.volumes) {
    if (Status checked = check_mount(paths, project, service, mount); !checked) {
      errors.push_back(std::move(checked).error());
    }
  }
  for (const model::VolumesFrom& from : service.volumes_from) {
    if (!from.container.empty() && !state::find_container(paths, from.container)) {
      errors.push_back(make_error(Code::kNotFound, fmt::format("service '{}': volumes_from: there is no container '{}'",
                                                               service.name, from.container))
                           .at(from.where));
    }
  }
  return errors;
}

std::vector<Error> mount_warnings(const Host& host, const model::Service& service) {
  std::vector<Error> warnings;
  for (const model::Mount& mount : service.volumes) {
    if (!mount.selinux.empty() && !host.has_selinux) {
      warnings.push_back(make_error(Code::kUnsupported,
                                    fmt::format("service '{}': selinux '{}' of '{}' has no effect: this host has no "
                                                "SELinux",
                                                service.name, mount.selinux, mount.target))
                             .at(mount.where));
    }
  }
  return warnings;
}

}  // namespace cmp::engine
