#include "cli/volume_notices.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/trash.hpp"

namespace cmp::cli {

namespace {

std::vector<std::string> volumes_of(const state::Paths& paths) {
  std::vector<std::string> names;
  const auto records = state::read_volumes(paths.roots());
  for (const state::VolumeRecord& record : records ? *records : std::vector<state::VolumeRecord>()) {
    if (record.project == paths.project()) {
      names.push_back(record.name);
    }
  }
  return names;
}

}  // namespace

VolumeNotices::VolumeNotices(const Context& context, const state::Paths& paths)
    : context_(context), paths_(paths), before_(volumes_of(paths)) {}

void VolumeNotices::say() const {
  const std::vector<std::string> kept = volumes_of(paths_);
  std::vector<std::string> removed;
  std::ranges::copy_if(before_, std::back_inserter(removed),
                       [&](const std::string& name) { return std::ranges::find(kept, name) == kept.end(); });
  const bool wanted = context_.style.progress == ProgressMode::kLive || context_.style.progress == ProgressMode::kPlain;
  if (wanted && !removed.empty()) {
    print_error(fmt::format("Removed volumes are in the trash for a day: cmp volume restore {}\n",
                            removed.size() == 1 ? removed.front() : "NAME"));
  }
  if (wanted && !kept.empty()) {
    print_error(fmt::format("Kept volumes: {} (cmp down -v removes them)\n", join(kept)));
  }
  purge_trash(paths_.roots(), context_.environment);
}

}  // namespace cmp::cli
