#include "engine/container_files.hpp"

#include <cstdio>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "container/storage.hpp"
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

/// All but what lies in its state directory.
Status remove_running_part(Context& context, const state::ContainerRecord& record) {
  const cgroup::Group group{record.cgroup};
  CMP_CHECK(cgroup::kill_all(context.cgroups, group));
  CMP_CHECK(cgroup::remove(context.cgroups, group));
  CMP_CHECK(rootfs::remove_forcibly(directories_of(context.paths, record.name).root));
  if (container::storage_size(record.service_definition)) {
    // What is put aside is limited again when it is started again.
    rootfs::forget_limit(context.paths.container_state_dir(record.name), rootfs::quota_project(record.id));
  }
  return state::remove_logs(context.paths, record);
}

}  // namespace

rootfs::ContainerDirectories directories_of(const state::Paths& paths, const std::string& container) {
  const std::string state = paths.container_state_dir(container);
  return {state + "/upper", state + "/work", paths.container_run_dir(container) + "/root"};
}

Status remove_container(Context& context, const state::ContainerRecord& record, bool keep_volumes) {
  CMP_CHECK(remove_running_part(context, record));
  const std::string state = context.paths.container_state_dir(record.name);
  if (!keep_volumes) {
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
  return forget_retired(paths, container);
}

Status forget_retired(const state::Paths& paths, const std::string& container) {
  return rootfs::remove_forcibly(aside(paths, container));
}

}  // namespace cmp::engine
