#include "cli/changed_volumes.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/question.hpp"
#include "plan/plan.hpp"
#include "state/record.hpp"
#include "sys/terminal.hpp"

namespace cmp::cli {

namespace {

std::set<std::string> used_volumes(const model::Project& project, const std::vector<std::string>& services) {
  std::set<std::string> keys;
  const auto wanted = plan::with_dependencies(project, services);
  for (const std::string& name : wanted ? *wanted : std::vector<std::string>()) {
    for (const model::Mount& mount : project.services.at(name).volumes) {
      if (project.volumes.contains(mount.source)) {
        keys.insert(mount.source);
      }
    }
  }
  return keys;
}

bool has_changed(const model::Project& project, const model::Volume& volume,
                 const std::vector<state::VolumeRecord>& records) {
  return !volume.external && std::ranges::any_of(records, [&](const state::VolumeRecord& record) {
    return record.name == volume.name && record.project == project.name && !record.config_hash.empty() &&
           record.config_hash != volume.config_hash;
  });
}

}  // namespace

Result<std::vector<std::string>> volumes_to_recreate(const model::Project& project,
                                                     const std::vector<std::string>& services, Answer answer) {
  std::vector<std::string> agreed;
  const std::set<std::string> used = used_volumes(project, services);
  if (used.empty()) {
    return agreed;
  }
  CMP_TRY(const auto records, state::read_volumes(state::roots_from_environment()));
  for (const std::string& key : used) {
    const model::Volume& volume = project.volumes.at(key);
    if (!has_changed(project, volume, records)) {
      continue;
    }
    bool agrees = answer == Answer::kYes;
    if (answer == Answer::kAsk && sys::is_terminal(STDIN_FILENO)) {
      CMP_TRY(agrees, confirmed(fmt::format("Volume \"{}\" exists but doesn't match configuration in compose file. "
                                            "Recreate (data will be lost)?",
                                            volume.name)));
    }
    if (agrees) {
      agreed.push_back(key);
    }
  }
  return agreed;
}

}  // namespace cmp::cli
