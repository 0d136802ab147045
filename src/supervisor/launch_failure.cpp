#include "supervisor/launch_failure.hpp"

#include <string>
#include <vector>

#include <fmt/core.h>

#include "container/mounts.hpp"

namespace cmp::supervisor {

namespace {

/// The line of the file of the first of the keys that is there, else of the service.
const SourcePos& place_of(const model::Service& service, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) {
    const auto position = service.positions.find(key);
    if (position != service.positions.end()) {
      return position->second;
    }
  }
  return service.where;
}

/// Of the mount with that target, secrets and configs included; null if it is not the file's.
const SourcePos* place_of_mount(const model::Service& service, const std::string& target) {
  for (const model::Mount& mount : service.volumes) {
    if (container::clean_path(mount.target) == target) {
      return &mount.where;
    }
  }
  for (const auto* grants : {&service.secrets, &service.configs}) {
    for (const model::FileGrant& grant : *grants) {
      if (container::clean_path(grant.target) == target) {
        return &grant.where;
      }
    }
  }
  return nullptr;
}

}  // namespace

const SourcePos& place_of_failure(const model::Service& service, const init::Report& report) {
  constexpr std::string_view kMount = "volumes:";
  if (report.key.starts_with(kMount)) {
    const SourcePos* const place = place_of_mount(service, report.key.substr(kMount.size()));
    return place == nullptr || !place->known() ? service.where : *place;
  }
  const bool program = report.exit_code == 126 || report.exit_code == 127;
  return place_of(service,
                  program ? std::vector<std::string>{"entrypoint", "command"} : std::vector<std::string>{report.key});
}

Error killed_early(const state::ContainerRecord& record) {
  const model::Service& service = record.service_definition;
  if (record.oom_killed && service.limits.memory) {
    return make_error(Code::kSystem,
                      fmt::format("killed while it was set up: out of memory, its limit of {} bytes is too low",
                                  service.limits.memory->count))
        .at(place_of(service, {"mem_limit", "deploy.resources.limits.memory", "deploy"}));
  }
  const bool signalled = record.exit && record.exit->signal != 0;
  return make_error(Code::kSystem,
                    signalled ? fmt::format("ended by {} before it was started", sys::signal_name(record.exit->signal))
                              : "ended before it was started")
      .at(service.where);
}

}  // namespace cmp::supervisor
