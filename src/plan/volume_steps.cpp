#include "plan/volume_steps.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "plan/decide.hpp"

namespace cmp::plan {

namespace {

bool is_used(const VolumeInputs& inputs, const std::string& key) {
  return std::ranges::any_of(inputs.services, [&](const std::string& name) {
    return std::ranges::any_of(inputs.project.services.at(name).volumes, [&](const model::Mount& mount) {
      return mount.type == model::MountType::kVolume && mount.source == key;
    });
  });
}

}  // namespace

void warn_if_foreign(Builder& builder, const std::string& project, std::string_view kind, const std::string& name,
                     const std::map<std::string, std::string>& foreign) {
  const auto owner = foreign.find(name);
  if (owner == foreign.end()) {
    return;
  }
  builder.warn(
      owner->second.empty()
          ? fmt::format("{} \"{}\" already exists but was not created by a project. Use `external: true` to use "
                        "an existing {}",
                        kind, name, kind)
          : fmt::format("{} \"{}\" already exists but was created for project \"{}\" (expected \"{}\"). Use "
                        "`external: true` to use an existing {}",
                        kind, name, owner->second, project, kind));
}

std::map<std::string, int> write_volumes(Builder& builder, const VolumeInputs& inputs) {
  std::map<std::string, int> made;
  const Observed& observed = inputs.observed;
  for (const auto& [key, volume] : inputs.project.volumes) {
    if (volume.external || !is_used(inputs, key)) {
      continue;
    }
    warn_if_foreign(builder, inputs.project.name, "volume", volume.name, observed.foreign_volumes);
    const std::string resource = volume_resource(volume.name);
    if (inputs.changed.contains(volume.name)) {
      const int gone = builder.add(resource, "configuration changed", op::RemoveVolume{volume.name}, inputs.removed);
      made[volume_resource(key)] = builder.add(resource, "configuration changed", op::CreateVolume{key}, {gone});
    } else if (!observed.volumes.contains(volume.name) && !observed.foreign_volumes.contains(volume.name)) {
      made[volume_resource(key)] = builder.add(resource, "not found", op::CreateVolume{key});
    } else if (volume_differs(observed, volume)) {
      builder.warn(
          fmt::format("Volume \"{}\" exists but doesn't match configuration in compose file: it is kept as it is "
                      "(`up --yes` makes it anew and puts its data into the trash)",
                      volume.name));
    }
  }
  return made;
}

}  // namespace cmp::plan
