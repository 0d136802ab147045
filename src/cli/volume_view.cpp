#include "cli/volume_view.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/human.hpp"
#include "engine/volumes.hpp"

namespace cmp::cli {

namespace {

std::map<std::string, std::string> labels_of(const state::VolumeRecord& record) {
  const std::string prefix = "com.docker.compose.";
  std::map<std::string, std::string> labels = record.labels;
  if (!record.project.empty() && !record.key.empty()) {
    labels[prefix + "project"] = record.project;
    labels[prefix + "volume"] = record.key;
    labels[prefix + "config-hash"] = record.config_hash;
    labels[prefix + "version"] = CMP_VERSION;
  }
  return labels;
}

void add_user(VolumeView& view, const state::ContainerRecord& container) {
  view.users.push_back(container.name);
  view.services.push_back(fmt::format("{}/{}", container.project, container.service));
}

void add_container(const state::Paths& paths, const state::ContainerRecord& container,
                   std::vector<VolumeView>& volumes) {
  for (const std::string& name : container.local_volumes) {
    const auto view = std::ranges::find_if(volumes, [&](const VolumeView& one) { return one.record.name == name; });
    if (view != volumes.end()) {
      add_user(*view, container);
    }
  }
  for (const model::Mount& mount : container.service_definition.volumes) {
    if (mount.type == model::MountType::kVolume && mount.source.empty() && mount.inherited_from.empty()) {
      VolumeView view;
      view.record = engine::anonymous_volume(container, mount);
      view.mountpoint = engine::anonymous_volume_dir(paths, container.name, mount.target);
      view.labels = view.record.labels;
      view.anonymous = true;
      add_user(view, container);
      volumes.push_back(std::move(view));
    }
  }
}

std::string joined(const std::map<std::string, std::string>& labels) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : labels) {
    parts.push_back(fmt::format("{}={}", key, value));
  }
  return join(parts, ",");
}

}  // namespace

Result<std::vector<VolumeView>> all_volumes(const state::Roots& roots) {
  const state::Paths any(roots, "");
  std::vector<VolumeView> volumes;
  CMP_TRY(const auto records, state::read_volumes(roots));
  for (const state::VolumeRecord& record : records) {
    VolumeView view;
    view.record = record;
    view.mountpoint = any.volume_data(record.name);
    view.labels = labels_of(record);
    volumes.push_back(std::move(view));
  }
  CMP_TRY(const auto projects, state::list_projects(roots));
  for (const std::string& project : projects) {
    const state::Paths paths(roots, project);
    CMP_TRY(const auto containers, state::read_containers(paths, state::Check::kAsWritten));
    for (const state::ContainerRecord& container : containers) {
      add_container(paths, container, volumes);
    }
  }
  std::ranges::sort(volumes, {}, [](const VolumeView& view) { return std::pair(view.anonymous, view.record.name); });
  return volumes;
}

Listing volume_listing(const std::vector<VolumeView>& volumes) {
  Listing listing;
  listing.columns = {"Driver", "Name"};
  listing.headers = {{"Name", "VOLUME NAME"}};
  for (const VolumeView& view : volumes) {
    TemplateRow row;
    row.fields = {{"Availability", "N/A"},
                  {"Driver", view.record.driver.empty() ? "local" : view.record.driver},
                  {"Group", "N/A"},
                  {"Labels", joined(view.labels)},
                  {"Links", "N/A"},
                  {"Mountpoint", view.mountpoint},
                  {"Name", view.record.name},
                  {"Scope", "local"},
                  {"Size", "N/A"},
                  {"Status", "N/A"}};
    row.label = [labels = view.labels](const std::string& key) {
      const auto found = labels.find(key);
      return found == labels.end() ? std::string() : found->second;
    };
    listing.rows.push_back(std::move(row));
  }
  return listing;
}

std::string volume_names(const std::vector<VolumeView>& volumes) {
  std::string out;
  for (const VolumeView& view : volumes) {
    out += view.record.name + '\n';
  }
  return out;
}

}  // namespace cmp::cli
