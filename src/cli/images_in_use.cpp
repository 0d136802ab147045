#include "cli/images_in_use.hpp"

#include "state/record.hpp"
#include "supervisor/desired.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

void add(const std::string& id, std::set<image::Digest>& ids) {
  if (auto digest = image::parse_digest(id)) {
    ids.insert(*std::move(digest));
  }
}

/// Its own image and those that it mounts.
void add_images_of(const model::Service& service, std::set<image::Digest>& ids) {
  add(service.image_id, ids);
  for (const model::Mount& mount : service.volumes) {
    add(mount.image_id, ids);
  }
}

}  // namespace

Result<std::set<image::Digest>> images_in_use(const state::Roots& roots) {
  std::set<image::Digest> ids;
  CMP_TRY(const auto running, state::list_projects(roots));
  for (const std::string& project : running) {
    CMP_TRY(const auto containers, state::read_containers(state::Paths(roots, project), state::Check::kAsWritten));
    for (const state::ContainerRecord& record : containers) {
      add_images_of(record.service_definition, ids);
    }
  }
  const std::string projects = roots.state + "/projects";
  const auto known = sys::exists(projects) ? sys::list_directory(projects) : std::vector<std::string>();
  for (const std::string& project : known ? *known : std::vector<std::string>()) {
    const auto desired = supervisor::read_desired(state::Paths(roots, project));
    if (desired) {
      for (const auto& [name, service] : desired->project.services) {
        add_images_of(service, ids);
      }
    }
  }
  return ids;
}

}  // namespace cmp::cli
