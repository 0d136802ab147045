#include "engine/container_root.hpp"

#include <fcntl.h>
#include <sched.h>

#include <fmt/core.h>

#include "engine/container_files.hpp"
#include "engine/host.hpp"
#include "engine/storage.hpp"
#include "init/replay.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

Status mount_overlay(init::Replay& replay, const state::Paths& paths, const state::ContainerRecord& record) {
  const rootfs::ContainerDirectories directories = directories_of(paths, record.name);
  container::step::MountOverlay overlay{
      .lower = {}, .upper = directories.upper, .work = directories.work, .at = directories.root, .label = ""};
  const model::Service& service = record.service_definition;
  if (service.rootfs.empty()) {
    CMP_TRY(overlay.lower, image_layers(paths, service));
  } else {
    CMP_TRY(const Host host, Host::read(paths));
    overlay.lower = host.lower_for(service.rootfs);
    if (service.rootfs == "host") {
      CMP_CHECK(replay.apply(container::step::HideHost{.at = directories.root, .directories = host.hidden}));
      overlay.lower.insert(overlay.lower.begin(), directories.root);
    }
  }
  return replay.apply(overlay);
}

Status bind_volumes(init::Replay& replay, const std::vector<container::ResolvedMount>& mounts) {
  for (const container::ResolvedMount& one : mounts) {
    if (one.host_path.empty() || !sys::exists(one.host_path)) {
      continue;
    }
    CMP_CHECK(replay.apply(container::step::BindMount{.source = one.host_path,
                                                      .target = one.mount.target,
                                                      .read_only = one.mount.read_only,
                                                      .recursive = true,
                                                      .propagation = "",
                                                      .label = "volume at " + one.mount.target,
                                                      .subpath = one.mount.subpath,
                                                      .flags = {}}));
  }
  return {};
}

}  // namespace

Result<UniqueFd> open_container_root(const state::Paths& paths, const state::ContainerRecord& record) {
  if (state::has_program(record.state)) {
    const auto process = sys::open_same_process(record.process);
    auto root = sys::open_file(fmt::format("/proc/{}/root", record.process.pid), O_PATH | O_DIRECTORY);
    if (process && root && !sys::has_exited(process->get())) {
      return root;
    }
  }
  if (::unshare(CLONE_NEWNS) != 0) {
    return sys_error("unshare");
  }
  init::Replay replay(-1);
  CMP_CHECK(replay.apply(container::step::IsolateMounts{}));
  CMP_CHECK(mount_overlay(replay, paths, record).context(fmt::format("container {}", record.name)));
  CMP_TRY(const auto mounts, resolve_mounts(paths, record.service_definition, record.name));
  CMP_CHECK(bind_volumes(replay, mounts));
  return sys::open_file(directories_of(paths, record.name).root, O_PATH | O_DIRECTORY);
}

}  // namespace cmp::engine
