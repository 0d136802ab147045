#pragma once
// Where volumes go that are removed: they lie in the trash as they were, for a day and within a bound of size.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/units.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"

namespace cmp::rootfs {

/// So long a removed volume can be had back.
inline constexpr Nanoseconds kTrashTime = std::chrono::hours(24);
/// So much may lie in the trash, unless CMP_TRASH_SIZE says otherwise.
inline constexpr std::uint64_t kTrashBytes = std::uint64_t{10} << 30U;

struct Trashed {
  std::string id;  ///< NAME@TIME, the name of its directory in the trash
  state::VolumeRecord record;
  WallTime removed_at;
  std::uint64_t bytes = 0;  ///< 0 until it has been measured
};

enum class Holds {
  kVolume,  ///< the directory is that of a volume, with its record in it
  kData     ///< it is what an anonymous volume contains
};

/// Moves a directory into the trash (one rename(2)). `now` becomes the time of removal.
[[nodiscard]] Status move_to_trash(const state::Roots& roots, const state::VolumeRecord& record,
                                   const std::string& directory, Holds holds, WallTime now);

/// What is in it, oldest first.
[[nodiscard]] Result<std::vector<Trashed>> list_trash(const state::Roots& roots);

/// Moves one back to its place among the volumes, under its own name. kConflict: there is a volume of that name.
[[nodiscard]] Status take_from_trash(const state::Roots& roots, const Trashed& trashed);

/// Which of them have to go: older than a day, then the oldest until the rest has at most `limit` bytes. Pure.
[[nodiscard]] std::vector<Trashed> find_expired(const std::vector<Trashed>& trash, WallTime now, std::uint64_t limit);

/// Measures what has not been measured, and removes what has to go for good. \returns what has gone because it did not
/// fit, not what was old.
[[nodiscard]] Result<std::vector<Trashed>> purge_trash(const state::Roots& roots, WallTime now, std::uint64_t limit);

/// Removes one for good.
[[nodiscard]] Status remove_from_trash(const state::Roots& roots, const Trashed& trashed);

}  // namespace cmp::rootfs
