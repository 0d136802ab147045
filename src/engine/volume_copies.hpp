#pragma once
// Snapshots and forks of volumes: copies that share their blocks with the original where the file system can, made
// while the containers that have the volume are frozen.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "base/units.hpp"
#include "state/paths.hpp"
#include "state/record.hpp"
#include "sys/copy_tree.hpp"

namespace cmp::engine {

/// What a copy of a volume will take.
struct CopyForecast {
  sys::TreeSize size;
  bool shares_blocks = false;  ///< no byte is copied
  Nanoseconds time{0};         ///< measured on a part of it; 0 if it is too little to tell
};

/// Containers that stand still until thaw(), or until this process is gone: a process of its own waits for that.
class FrozenContainers {
 public:
  /// Of all projects, those that run and have the volume.
  [[nodiscard]] static Result<FrozenContainers> freeze(const state::Roots& roots, const std::string& volume);
  /// Errors name the container that could not be thawed.
  [[nodiscard]] Status thaw();

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  UniqueFd hold_;    ///< its end of file is the word to thaw
  UniqueFd thawed_;  ///< what comes back when it has been done
};

struct Snapshot {
  std::string name;
  WallTime created_at;
};

/// Errors: kNotFound, there is no such volume; kUnsupported, its data lies elsewhere (driver_opts).
[[nodiscard]] Status check_copyable(const state::Roots& roots, const std::string& volume);

[[nodiscard]] Result<CopyForecast> forecast_copy(const state::Roots& roots, const std::string& volume);

/// kConflict: it has one of that name.
[[nodiscard]] Status take_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot);

/// Lays a copy of a snapshot beside the volume, for put_staged().
[[nodiscard]] Status stage_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot);

/// What was staged becomes the volume's content, in an instant; what it was goes to the trash. Nobody may be running on
/// it.
[[nodiscard]] Status put_staged(const state::Roots& roots, const std::string& volume);

/// A volume of its own, of no project, with the same content and labels. kConflict: there is one of that name.
[[nodiscard]] Status fork_volume(const state::Roots& roots, const std::string& volume, const std::string& fork);

/// Those of a volume, oldest first.
[[nodiscard]] std::vector<Snapshot> snapshots_of(const state::Roots& roots, const std::string& volume);

[[nodiscard]] Status remove_snapshot(const state::Roots& roots, const std::string& volume, const std::string& snapshot);

}  // namespace cmp::engine
