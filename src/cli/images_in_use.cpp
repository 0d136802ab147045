#include "cli/images_in_use.hpp"

#include <algorithm>

#include "state/record.hpp"
#include "supervisor/desired.hpp"
#include "supervisor/generations.hpp"
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

/// `rollback` without a number leads to the last but one.
void add_way_back(const state::Paths& paths, std::set<image::Digest>& ids) {
  constexpr std::size_t kHeld = 2;
  const auto numbers = supervisor::generation_numbers(paths);
  for (std::size_t i = numbers.size() - std::min(numbers.size(), kHeld); i < numbers.size(); ++i) {
    const auto generation = supervisor::read_generation(paths, numbers[i]);
    for (const auto& [name, service] :
         generation ? generation->project.services : std::map<std::string, model::Service>()) {
      add_images_of(service, ids);
    }
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
    add_way_back(state::Paths(roots, project), ids);
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
