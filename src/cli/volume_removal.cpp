// `cmp volume rm` and `prune`.

#include <algorithm>

#include <fmt/core.h>

#include "base/combined.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/question.hpp"
#include "cli/volume_actions.hpp"
#include "cli/volume_view.hpp"
#include "engine/volume_copies.hpp"
#include "engine/volumes.hpp"
#include "rootfs/trash.hpp"
#include "state/lock.hpp"
#include "supervisor/desired.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

bool will_use(const model::Project& project, const std::string& volume) {
  return std::ranges::any_of(project.services, [&](const auto& entry) {
    return std::ranges::find(entry.second.volumes, volume, &model::Mount::volume_name) != entry.second.volumes.end();
  });
}

/// Containers that have it, and projects whose `up` is under way and will want it.
std::vector<std::string> users_of(const state::Roots& roots, const std::string& name) {
  std::vector<std::string> users = engine::volume_users(roots, name);
  for (const std::string& project : state::list_projects(roots).value_or(std::vector<std::string>())) {
    const auto desired = supervisor::read_desired({roots, project});
    if (desired && !desired->complete && will_use(desired->project, name)) {
      users.push_back(fmt::format("project {}, which is coming up", project));
    }
  }
  return users;
}

/// "NAME@SNAPSHOT" is a snapshot of the volume.
Status remove_one(const state::Roots& roots, const std::string& name, bool force) {
  if (const std::size_t at = name.find('@'); at != std::string::npos) {
    return engine::remove_snapshot(roots, name.substr(0, at), name.substr(at + 1));
  }
  const state::Paths paths(roots, "");
  if (!sys::exists(paths.volume_dir(name))) {
    return force ? Status() : Status(make_error(Code::kNotFound, fmt::format("no such volume: {}", name)));
  }
  if (const auto users = users_of(roots, name); !users.empty()) {
    return make_error(Code::kConflict, fmt::format("volume {} is in use by {}", name, join(users)));
  }
  return engine::remove_volume(roots, name, false);
}

Result<int> empty_trash(const state::Roots& roots) {
  CMP_TRY(const auto trash, rootfs::list_trash(roots));
  std::uint64_t bytes = 0;
  for (const rootfs::Trashed& trashed : trash) {
    CMP_CHECK(rootfs::remove_from_trash(roots, trashed));
    bytes += trashed.bytes;
  }
  CMP_CHECK(print(fmt::format("Total reclaimed space: {}\n", human_size(bytes))));
  return 0;
}

std::string question(const VolumeOptions& options) {
  return options.trash ? "Removed volumes will be gone for good. Are you sure you want to continue?"
         : options.all
             ? "This will remove all local volumes not used by at least one container. Are you sure you want "
               "to continue?"
             : "This will remove anonymous local volumes not used by at least one container. Are you sure you "
               "want to continue?";
}

}  // namespace

Result<int> remove_volumes(const state::Roots& roots, const VolumeOptions& options) {
  if (options.names.empty()) {
    return make_error(Code::kInvalid, "'volume rm' needs the name of a volume");
  }
  CMP_TRY(const UniqueFd lock, state::lock(state::volumes_lock(roots)));
  std::vector<Error> errors;
  for (const std::string& name : options.names) {
    if (Status removed = remove_one(roots, name, options.force); !removed) {
      errors.push_back(std::move(removed).error());
    } else {
      CMP_CHECK(print(name + '\n'));
    }
  }
  CMP_CHECK(combined(std::move(errors)));
  return 0;
}

Result<int> prune_volumes(const Context& context, const state::Roots& roots, const VolumeOptions& options) {
  if (!options.names.empty()) {
    return make_error(Code::kInvalid, "'volume prune' takes no names: 'volume rm' does");
  }
  if (!options.force && !context.globals.dry_run) {
    CMP_TRY(const bool yes, confirmed("WARNING! " + question(options)));
    if (!yes) {
      return 0;
    }
  }
  if (options.trash) {
    return empty_trash(roots);
  }
  CMP_TRY(const UniqueFd lock, state::lock(state::volumes_lock(roots)));
  CMP_TRY(const auto volumes, all_volumes(roots));
  std::string removed;
  for (const VolumeView& view : volumes) {
    // Anonymous volumes go with their containers: there are none that nobody has.
    if (view.anonymous || !options.all || !users_of(roots, view.record.name).empty()) {
      continue;
    }
    if (!context.globals.dry_run) {
      CMP_CHECK(engine::remove_volume(roots, view.record.name, false));
    }
    removed += view.record.name + '\n';
  }
  CMP_CHECK(
      print((removed.empty() ? "" : "Deleted Volumes:\n" + removed + '\n') +
            "Total reclaimed space: 0B (what is removed stays in the trash for a day: cmp volume restore NAME)\n"));
  return 0;
}

}  // namespace cmp::cli
