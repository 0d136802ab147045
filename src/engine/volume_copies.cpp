#include "engine/volume_copies.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include <fmt/core.h>

#include "engine/volumes.hpp"
#include "rootfs/directories.hpp"
#include "rootfs/trash.hpp"
#include "sys/file.hpp"

namespace cmp::engine {

namespace {

/// So much is copied to learn how fast it goes, and less than that is not worth learning.
constexpr std::uint64_t kSampleBytes = std::uint64_t{32} << 20U;

std::string volume_path(const state::Roots& roots, const std::string& volume) {
  return fmt::format("{}/{}", state::volumes_dir(roots), volume);
}

std::string snapshot_path(const state::Roots& roots, const std::string& volume, const std::string& snapshot) {
  return fmt::format("{}/snapshots/{}", volume_path(roots, volume), snapshot);
}

Result<UniqueFd> open_directory(const std::string& path) {
  return sys::open_file(path, O_RDONLY | O_DIRECTORY);
}

/// A whole copy under a name for the unfinished, which the next attempt removes.
Status copy_data(const std::string& from, const std::string& to) {
  CMP_CHECK(rootfs::remove_forcibly(to));
  CMP_CHECK(rootfs::make_volume(to));
  CMP_TRY(const UniqueFd source, open_directory(from));
  CMP_TRY(const UniqueFd target, open_directory(to));
  CMP_CHECK(sys::copy_tree(source.get(), target.get(), {.likeness = sys::Likeness::kWhole}));
  return ::syncfs(target.get()) == 0 ? Status() : sys_error("write it to disk");
}

Status rename_directory(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? Status() : Status(sys_error(fmt::format("move '{}'", from)));
}

/// Writes and syncs zeros: what is read from the volume may be in memory, what is written must reach the disk.
Nanoseconds time_for(const std::string& directory, std::uint64_t bytes) {
  const UniqueFd file(::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600));
  if (!file || bytes < kSampleBytes) {
    return Nanoseconds(0);
  }
  const std::string block(std::size_t{1} << 20U, 'x');
  const MonotonicTime begin = monotonic_now();
  for (std::uint64_t written = 0; written < kSampleBytes; written += block.size()) {
    if (!sys::write_all(file.get(), block)) {
      return Nanoseconds(0);
    }
  }
  ::fdatasync(file.get());
  const auto taken = monotonic_now() - begin;
  return std::chrono::duration_cast<Nanoseconds>(taken *
                                                 (static_cast<double>(bytes) / static_cast<double>(kSampleBytes)));
}

WallTime made_at(const std::string& directory) {
  struct stat info {};

  return ::stat(directory.c_str(), &info) != 0
             ? WallTime()
             : WallTime(std::chrono::seconds(info.st_mtim.tv_sec) + std::chrono::nanoseconds(info.st_mtim.tv_nsec));
}

}  // namespace

Status check_copyable(const state::Roots& roots, const std::string& volume) {
  const auto record = state::read_volume(volume_path(roots, volume));
  if (!record) {
    return make_error(Code::kNotFound, fmt::format("no such volume: {}", volume));
  }
  return record->options.empty()
             ? Status()
             : make_error(Code::kUnsupported, fmt::format("volume '{}': its data lies elsewhere, as "
                                                          "its driver_opts say",
                                                          volume));
}

Result<CopyForecast> forecast_copy(const state::Roots& roots, const std::string& volume) {
  const std::string path = volume_path(roots, volume);
  CMP_TRY(const UniqueFd data, open_directory(path + "/_data"));
  CMP_TRY(const UniqueFd beside, open_directory(path));
  CopyForecast forecast;
  CMP_TRY(forecast.size, sys::measure_tree(data.get()));
  forecast.shares_blocks = sys::shares_blocks(data.get(), beside.get());
  forecast.time = forecast.shares_blocks ? Nanoseconds(0) : time_for(path, forecast.size.bytes);
  return forecast;
}

Status take_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot) {
  const std::string place = snapshot_path(roots, volume, snapshot);
  if (sys::exists(place)) {
    return make_error(Code::kConflict, fmt::format("volume '{}' has a snapshot '{}'", volume, snapshot));
  }
  const std::string part = volume_path(roots, volume) + "/part";
  CMP_CHECK(sys::make_directories(volume_path(roots, volume) + "/snapshots", 0700));
  CMP_CHECK(rootfs::remove_forcibly(part));
  CMP_CHECK(sys::make_directories(part, 0700));
  CMP_CHECK(copy_data(volume_path(roots, volume) + "/_data", part + "/_data"));
  return rename_directory(part, place);
}

Status stage_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot) {
  const std::string source = snapshot_path(roots, volume, snapshot) + "/_data";
  if (!sys::exists(source)) {
    return make_error(Code::kNotFound, fmt::format("volume '{}' has no snapshot '{}'", volume, snapshot));
  }
  return copy_data(source, volume_path(roots, volume) + "/part");
}

Status put_staged(const state::Roots& roots, const std::string& volume) {
  const std::string path = volume_path(roots, volume);
  const auto record = state::read_volume(path);
  if (!record) {
    return make_error(Code::kNotFound, fmt::format("no such volume: {}", volume));
  }
  const std::string part = path + "/part";
  const std::string data = path + "/_data";
  // Both at once: there is no moment without the volume.
  if (::syscall(SYS_renameat2, AT_FDCWD, part.c_str(), AT_FDCWD, data.c_str(), RENAME_EXCHANGE) != 0) {
    return sys_error(fmt::format("exchange '{}'", data));
  }
  return rootfs::move_to_trash(roots, *record, part, rootfs::Holds::kData, wall_now());
}

Status fork_volume(const state::Roots& roots, const std::string& volume, const std::string& fork) {
  const std::string target = volume_path(roots, fork);
  if (sys::exists(target)) {
    return make_error(Code::kConflict, fmt::format("there is a volume '{}'", fork));
  }
  auto record = state::read_volume(volume_path(roots, volume));
  if (!record) {
    return make_error(Code::kNotFound, fmt::format("no such volume: {}", volume));
  }
  record->key.clear();
  record->name = fork;
  record->project.clear();
  record->config_hash.clear();
  record->labels["cmp.forked-from"] = volume;
  record->created_at = wall_now();
  const std::string part = volume_path(roots, volume) + "/part";
  CMP_CHECK(rootfs::remove_forcibly(part));
  CMP_CHECK(sys::make_directories(part, 0700));
  CMP_CHECK(copy_data(volume_path(roots, volume) + "/_data", part + "/_data"));
  CMP_CHECK(state::write_volume(part, *record));
  return rename_directory(part, target);
}

std::vector<Snapshot> snapshots_of(const state::Roots& roots, const std::string& volume) {
  std::vector<Snapshot> snapshots;
  const auto names = sys::list_directory(volume_path(roots, volume) + "/snapshots");
  for (const std::string& name : names ? *names : std::vector<std::string>()) {
    snapshots.push_back({name, made_at(snapshot_path(roots, volume, name))});
  }
  std::ranges::sort(snapshots, {}, [](const Snapshot& one) { return std::pair(one.created_at, one.name); });
  return snapshots;
}

Status remove_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot) {
  const std::string place = snapshot_path(roots, volume, snapshot);
  return sys::exists(place)
             ? rootfs::remove_forcibly(place)
             : make_error(Code::kNotFound, fmt::format("volume '{}' has no snapshot '{}'", volume, snapshot));
}

}  // namespace cmp::engine
