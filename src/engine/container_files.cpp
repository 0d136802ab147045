#include "engine/container_files.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "container/storage.hpp"
#include "engine/volumes.hpp"
#include "rootfs/quota.hpp"
#include "state/log_sources.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

/// In its state directory.
constexpr const char* kUpper = "upper";
constexpr const char* kVolumes = "volumes";

std::string aside(const state::Paths& paths, const std::string& container) {
  return paths.container_state_dir(container) + "/before";
}

/// rename(2), over whatever is there. A missing source is success.
Status move_directory(const std::string& from, const std::string& to) {
  if (!sys::exists(from)) {
    return {};
  }
  CMP_CHECK(rootfs::remove_forcibly(to));
  return std::rename(from.c_str(), to.c_str()) == 0 ? Status() : Status(sys_error(fmt::format("move '{}'", from)));
}

/// What it had mounted and its successor, of the same name, does not have.
Status detach_if_left(const state::Paths& paths, const state::ContainerRecord& retired) {
  state::ContainerRecord left = retired;
  const auto successor = state::find_container(paths, retired.name);
  std::erase_if(left.local_volumes, [&](const std::string& name) {
    return successor && std::ranges::find(successor->local_volumes, name) != successor->local_volumes.end();
  });
  return detach_volumes(paths.roots(), left);
}

/// All but its logs and what lies in its state directory.
Status remove_running_part(Context& context, const state::ContainerRecord& record) {
  const cgroup::Group group{record.cgroup};
  CMP_CHECK(cgroup::kill_all(context.cgroups, group));
  CMP_CHECK(cgroup::remove(context.cgroups, group));
  CMP_CHECK(rootfs::remove_forcibly(directories_of(context.paths, record.name).root));
  if (container::storage_size(record.service_definition)) {
    // What is put aside is limited again when it is started again.
    rootfs::forget_limit(context.paths.container_state_dir(record.name), rootfs::quota_project(record.id));
  }
  return {};
}

}  // namespace

rootfs::ContainerDirectories directories_of(const state::Paths& paths, const std::string& container) {
  const std::string state = paths.container_state_dir(container);
  return {state + "/upper", state + "/work", paths.container_run_dir(container) + "/root"};
}

Status remove_container(Context& context, const state::ContainerRecord& record, bool keep_volumes) {
  CMP_CHECK(remove_running_part(context, record));
  CMP_CHECK(state::remove_logs(context.paths, record));
  CMP_CHECK(detach_volumes(context.paths.roots(), record));
  const std::string state = context.paths.container_state_dir(record.name);
  if (!keep_volumes) {
    CMP_CHECK(trash_anonymous_volumes(context.paths.roots(), record, fmt::format("{}/{}", state, kVolumes)));
    CMP_CHECK(rootfs::remove_forcibly(state));
  } else {
    CMP_CHECK(rootfs::remove_forcibly(fmt::format("{}/{}", state, kUpper)));
    CMP_CHECK(rootfs::remove_forcibly(directories_of(context.paths, record.name).work));
  }
  return state::remove_container_record(context.paths, record.name);
}

Status retire_container(Context& context, const state::ContainerRecord& record, bool keep_volumes) {
  CMP_CHECK(remove_running_part(context, record));
  const std::string state = context.paths.container_state_dir(record.name);
  const std::string before = aside(context.paths, record.name);
  CMP_CHECK(rootfs::remove_forcibly(before));
  CMP_CHECK(sys::make_directories(before, 0700));
  CMP_CHECK(move_directory(fmt::format("{}/{}", state, kUpper), fmt::format("{}/{}", before, kUpper)));
  if (!keep_volumes) {
    CMP_CHECK(move_directory(fmt::format("{}/{}", state, kVolumes), fmt::format("{}/{}", before, kVolumes)));
  }
  CMP_CHECK(rootfs::remove_forcibly(directories_of(context.paths, record.name).work));
  return state::remove_container_record(context.paths, record.name);
}

Status restore_container(const state::Paths& paths, const std::string& container) {
  const std::string state = paths.container_state_dir(container);
  const std::string before = aside(paths, container);
  for (const char* part : {kUpper, kVolumes}) {
    CMP_CHECK(move_directory(fmt::format("{}/{}", before, part), fmt::format("{}/{}", state, part)));
  }
  CMP_CHECK(rootfs::remove_forcibly(directories_of(paths, container).work));
  return rootfs::remove_forcibly(before);
}

Status forget_retired(const state::Paths& paths, const state::ContainerRecord& record) {
  const std::string before = aside(paths, record.name);
  CMP_CHECK(trash_anonymous_volumes(paths.roots(), record, fmt::format("{}/{}", before, kVolumes)));
  CMP_CHECK(detach_if_left(paths, record));
  return rootfs::remove_forcibly(before);
}

Status forget_all_retired(const state::Paths& paths) {
  const auto containers = sys::list_directory(paths.containers_state_dir());
  for (const std::string& name : containers ? *containers : std::vector<std::string>()) {
    if (sys::exists(aside(paths, name))) {
      state::ContainerRecord record;
      record.project = paths.project();
      record.name = name;
      CMP_CHECK(forget_retired(paths, record));
    }
  }
  return {};
}

}  // namespace cmp::engine
