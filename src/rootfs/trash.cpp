#include "rootfs/trash.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include <fmt/core.h>

#include "rootfs/directories.hpp"
#include "sys/copy_tree.hpp"
#include "sys/file.hpp"

namespace cmp::rootfs {

namespace {

std::string place_of(const state::Roots& roots, const std::string& id) {
  return fmt::format("{}/{}", state::trash_dir(roots), id);
}

std::string id_of(const std::string& name, WallTime now) {
  return fmt::format("{}@{}", name,
                     std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

WallTime time_in(const std::string& id) {
  std::int64_t milliseconds = 0;
  const auto at = id.rfind('@');
  if (at != std::string::npos) {
    std::from_chars(id.data() + at + 1, id.data() + id.size(), milliseconds);
  }
  return WallTime(std::chrono::duration_cast<WallTime::duration>(std::chrono::milliseconds(milliseconds)));
}

std::uint64_t number_in(const std::string& file) {
  const auto text = sys::read_file(file);
  std::uint64_t number = 0;
  if (text) {
    std::from_chars(text->data(), text->data() + text->size(), number);
  }
  return number;
}

Status rename_directory(const std::string& from, const std::string& to) {
  return std::rename(from.c_str(), to.c_str()) == 0 ? Status()
                                                    : Status(sys_error(fmt::format("move '{}' to '{}'", from, to)));
}

Status measure(const state::Roots& roots, Trashed& trashed) {
  const std::string place = place_of(roots, trashed.id);
  CMP_TRY(const UniqueFd directory, sys::open_file(place, O_RDONLY | O_DIRECTORY));
  CMP_TRY(const sys::TreeSize size, sys::measure_tree(directory.get()));
  trashed.bytes = std::max<std::uint64_t>(size.bytes, 1);
  return sys::write_file_atomically(place + "/bytes", fmt::format("{}\n", trashed.bytes));
}

}  // namespace

Status move_to_trash(const state::Roots& roots, const state::VolumeRecord& record, const std::string& directory,
                     Holds holds, WallTime now) {
  const std::string place = place_of(roots, id_of(record.name, now));
  CMP_CHECK(sys::make_directories(state::trash_dir(roots), 0700));
  if (holds == Holds::kVolume) {
    return rename_directory(directory, place);
  }
  CMP_CHECK(sys::make_directories(place, 0700));
  CMP_CHECK(state::write_volume(place, record));
  return rename_directory(directory, place + "/_data");
}

Result<std::vector<Trashed>> list_trash(const state::Roots& roots) {
  std::vector<Trashed> trash;
  const auto names = sys::list_directory(state::trash_dir(roots));
  if (!names) {
    return names.error().os_errno == ENOENT ? Result<std::vector<Trashed>>(trash) : names.error();
  }
  for (const std::string& id : *names) {
    auto record = state::read_volume(place_of(roots, id));
    Trashed trashed{
        .id = id, .record = {}, .removed_at = time_in(id), .bytes = number_in(place_of(roots, id) + "/bytes")};
    trashed.record = record ? *std::move(record) : state::VolumeRecord();
    if (trashed.record.name.empty()) {
      trashed.record.name = id.substr(0, id.rfind('@'));
    }
    trash.push_back(std::move(trashed));
  }
  std::ranges::sort(trash, {}, [](const Trashed& trashed) { return std::pair(trashed.removed_at, trashed.id); });
  return trash;
}

Status take_from_trash(const state::Roots& roots, const Trashed& trashed) {
  const std::string target = fmt::format("{}/{}", state::volumes_dir(roots), trashed.record.name);
  if (sys::exists(target)) {
    return make_error(Code::kConflict, fmt::format("there is a volume '{}'", trashed.record.name));
  }
  CMP_CHECK(sys::make_directories(state::volumes_dir(roots), 0700));
  CMP_CHECK(rename_directory(place_of(roots, trashed.id), target));
  return sys::remove_tree(target + "/bytes");
}

std::vector<Trashed> find_expired(const std::vector<Trashed>& trash, WallTime now, std::uint64_t limit) {
  std::vector<Trashed> expired;
  std::uint64_t total = 0;
  for (const Trashed& trashed : trash) {
    total += trashed.bytes;
  }
  for (const Trashed& trashed : trash) {
    if (now - trashed.removed_at > kTrashTime || total > limit) {
      total -= trashed.bytes;
      expired.push_back(trashed);
    }
  }
  return expired;
}

Result<std::vector<Trashed>> purge_trash(const state::Roots& roots, WallTime now, std::uint64_t limit) {
  CMP_TRY(std::vector<Trashed> trash, list_trash(roots));
  for (Trashed& trashed : trash) {
    if (trashed.bytes == 0 && now - trashed.removed_at <= kTrashTime) {
      CMP_CHECK(measure(roots, trashed));
    }
  }
  std::vector<Trashed> too_big;
  for (Trashed& trashed : find_expired(trash, now, limit)) {
    CMP_CHECK(remove_from_trash(roots, trashed));
    if (now - trashed.removed_at <= kTrashTime) {
      too_big.push_back(std::move(trashed));
    }
  }
  return too_big;
}

Status remove_from_trash(const state::Roots& roots, const Trashed& trashed) {
  return remove_forcibly(place_of(roots, trashed.id)).context(fmt::format("volume '{}'", trashed.record.name));
}

}  // namespace cmp::rootfs
