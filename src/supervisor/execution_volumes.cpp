// The steps of an execution that are about volumes.

#include <algorithm>

#include <fmt/core.h>

#include "engine/volumes.hpp"
#include "supervisor/execution.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

void Execution::run(const plan::Step& step, const plan::op::CreateVolume& op) {
  const std::string id = "Volume " + site_.project.volumes.at(op.volume).name;
  tell(id, "Creating", ProgressStatus::kWorking);
  const model::Volume& volume = site_.project.volumes.at(op.volume);
  done(step.id,
       engine::create_volume(site_.context.paths.roots(), site_.project.name, volume)
           .context(fmt::format("volume '{}'", op.volume)),
       id, "Created");
}

/// Containers that have it and are not about to go. Those of this project that do not run get the new one when they do.
std::string Execution::users_of(const std::string& volume) const {
  std::string users;
  for (const state::ContainerRecord& record : engine::containers_with(site_.context.paths.roots(), volume)) {
    if (record.project != site_.project.name || state::is_live(record.state)) {
      users += (users.empty() ? "" : ", ") + record.name;
    }
  }
  return users;
}

void Execution::run(const plan::Step& step, const plan::op::RemoveVolume& op) {
  tell("Volume " + op.name, "Removing", ProgressStatus::kWorking);
  if (const std::string users = users_of(op.name); !users.empty()) {
    tell("Volume " + op.name, "Resource is still in use", ProgressStatus::kWarning, fmt::format("(by {})", users));
    // What takes its place cannot be made then.
    return complete(
        step.id, brings_back(op.name)
                     ? Status(make_error(Code::kConflict, fmt::format("volume '{}' is in use by {}", op.name, users)))
                     : Status());
  }
  done(step.id, engine::remove_volume(site_.context.paths.roots(), op.name, op.for_good), "Volume " + op.name,
       "Removed");
}

/// The plan makes a volume of that name.
bool Execution::brings_back(const std::string& volume) const {
  return std::ranges::any_of(executor_.plan().steps, [&](const plan::Step& step) {
    const auto* const made = std::get_if<plan::op::CreateVolume>(&step.op);
    return made != nullptr && site_.project.volumes.at(made->volume).name == volume;
  });
}

void Execution::run(const plan::Step& step, const plan::op::RestoreVolume& op) {
  const state::Roots& roots = site_.context.paths.roots();
  // Its removal may not have come to anything.
  const bool there = sys::exists(site_.context.paths.volume_dir(op.name));
  done(step.id, there ? Status() : engine::restore_volume(roots, op.name), "Volume " + op.name, "Restored");
}

}  // namespace cmp::supervisor
