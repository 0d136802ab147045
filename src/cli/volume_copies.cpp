// `cmp volume restore`, `snapshot` and `fork`.

#include "engine/volume_copies.hpp"

#include <algorithm>
#include <ctime>

#include <fmt/core.h>

#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/volume_actions.hpp"
#include "engine/volumes.hpp"
#include "rootfs/trash.hpp"
#include "state/lock.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// "20260102-150405".
std::string moment_name(WallTime now) {
  std::string text = rfc3339_nanoseconds(now).substr(0, 19);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  std::ranges::replace(text, 'T', '-');
  return text;
}

/// What it will take, before it is begun.
Status say_what_it_takes(const state::Roots& roots, const std::string& volume) {
  CMP_TRY(const engine::CopyForecast forecast, engine::forecast_copy(roots, volume));
  const std::string size = fmt::format("{} in {} files", human_size(forecast.size.bytes), forecast.size.files);
  if (forecast.shares_blocks) {
    print_error(fmt::format("Volume {}: {}, by reflink\n", volume, size));
  } else {
    print_error(fmt::format("Volume {}: {}, copied byte by byte (this file system has no reflinks), about {}\n", volume,
                            size, forecast.time == Nanoseconds(0) ? "a second" : short_duration(forecast.time)));
  }
  return {};
}

/// Carries out `copy` while whoever has the volume stands still.
template <typename Copy>
Status while_frozen(const state::Roots& roots, const std::string& volume, Copy copy) {
  CMP_TRY(engine::FrozenContainers frozen, engine::FrozenContainers::freeze(roots, volume));
  const MonotonicTime begin = monotonic_now();
  Status copied = copy();
  Status thawed = frozen.thaw();
  if (copied && !frozen.names().empty()) {
    print_error(fmt::format("Frozen for {} ms: {}\n",
                            std::chrono::duration_cast<std::chrono::milliseconds>(monotonic_now() - begin).count(),
                            join(frozen.names())));
  }
  CMP_CHECK(copied);
  return thawed;
}

/// Content is exchanged under the feet of nobody.
Status check_nobody_runs(const state::Roots& roots, const std::string& volume) {
  std::vector<std::string> running;
  for (const state::ContainerRecord& record : engine::containers_with(roots, volume)) {
    if (state::is_live(record.state)) {
      running.push_back(fmt::format("container {} of project {}", record.name, record.project));
    }
  }
  return running.empty() ? Status()
                         : make_error(Code::kConflict,
                                      fmt::format("volume {} is in use by {}: stop it first", volume, join(running)));
}

/// What has the name now takes its place in the trash.
Status restore_from_trash(const state::Roots& roots, const std::string& name) {
  CMP_TRY(const auto trash, rootfs::list_trash(roots));
  const auto found = std::ranges::find_if(trash.rbegin(), trash.rend(), [&](const rootfs::Trashed& trashed) {
    return trashed.record.name == name || trashed.id == name;
  });
  if (found == trash.rend()) {
    return make_error(Code::kNotFound, fmt::format("the trash has no volume '{}' (cmp volume ls --trash)", name));
  }
  const std::string volume = found->record.name;
  CMP_CHECK(check_nobody_runs(roots, volume));
  const bool replaces = sys::exists(state::Paths(roots, "").volume_dir(volume));
  CMP_CHECK(replaces ? engine::remove_volume(roots, volume, false) : Status());
  CMP_CHECK(rootfs::take_from_trash(roots, *found));
  if (replaces) {
    print_error(fmt::format("The volume {} that was there is in the trash now\n", volume));
  }
  return print(volume + '\n');
}

Status check_count(const VolumeOptions& options, std::size_t least, std::size_t most, const char* usage) {
  const bool fits = options.names.size() >= least && options.names.size() <= most;
  return fits ? Status() : make_error(Code::kInvalid, fmt::format("usage: cmp volume {}", usage));
}

}  // namespace

Result<int> restore_volume(const state::Roots& roots, const VolumeOptions& options) {
  CMP_CHECK(check_count(options, 1, 2, "restore NAME [SNAPSHOT]"));
  if (options.names.size() == 1) {
    CMP_TRY(const UniqueFd lock, state::lock(state::volumes_lock(roots)));
    CMP_CHECK(restore_from_trash(roots, options.names.front()));
    return 0;
  }
  CMP_CHECK(engine::check_copyable(roots, options.names[0]));
  CMP_CHECK(check_nobody_runs(roots, options.names[0]));
  CMP_CHECK(engine::stage_snapshot(roots, options.names[0], options.names[1]));
  // Supervisors wait for this lock: it is not held while bytes are copied.
  CMP_TRY(const UniqueFd lock, state::lock(state::volumes_lock(roots)));
  CMP_CHECK(check_nobody_runs(roots, options.names[0]));
  CMP_CHECK(engine::put_staged(roots, options.names[0]));
  print_error(fmt::format("What {} held is in the trash now\n", options.names[0]));
  CMP_CHECK(print(options.names[0] + '\n'));
  return 0;
}

Result<int> snapshot_volume(const state::Roots& roots, const VolumeOptions& options) {
  CMP_CHECK(check_count(options, 1, 2, "snapshot NAME [SNAPSHOT]"));
  const std::string& volume = options.names.front();
  const std::string snapshot = options.names.size() > 1 ? options.names[1] : moment_name(wall_now());
  CMP_CHECK(check_volume_name(snapshot));
  CMP_CHECK(engine::check_copyable(roots, volume));
  CMP_CHECK(say_what_it_takes(roots, volume));
  CMP_CHECK(while_frozen(roots, volume, [&] { return engine::take_snapshot(roots, volume, snapshot); }));
  CMP_CHECK(print(snapshot + '\n'));
  return 0;
}

Result<int> fork_volume(const state::Roots& roots, const VolumeOptions& options) {
  CMP_CHECK(check_count(options, 2, 2, "fork NAME NEW"));
  const std::string& volume = options.names[0];
  CMP_CHECK(check_volume_name(options.names[1]));
  CMP_CHECK(engine::check_copyable(roots, volume));
  CMP_CHECK(say_what_it_takes(roots, volume));
  CMP_CHECK(while_frozen(roots, volume, [&] { return engine::fork_volume(roots, volume, options.names[1]); }));
  CMP_CHECK(print(options.names[1] + '\n'));
  return 0;
}

}  // namespace cmp::cli
