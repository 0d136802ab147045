#include <algorithm>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/volume_view.hpp"

namespace cmp::cli {

namespace {

bool is_shown(const VolumeView& view, const std::string& project, const std::vector<std::string>& services) {
  const auto uses = [&](const std::string& service) {
    return std::ranges::find(view.services, fmt::format("{}/{}", project, service)) != view.services.end();
  };
  return services.empty() ? view.record.project == project : std::ranges::any_of(services, uses);
}

}  // namespace

Result<int> run_command(const Context& context, const VolumesOptions& options) {
  CMP_TRY(const RowFormat format, RowFormat::parse(options.format));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  CMP_TRY(auto volumes, all_volumes(paths.roots()));
  std::erase_if(volumes, [&](const VolumeView& view) { return !is_shown(view, paths.project(), options.services); });
  CMP_TRY(const std::string text,
          options.quiet ? Result<std::string>(volume_names(volumes)) : format.render(volume_listing(volumes)));
  CMP_CHECK(print(text));
  return 0;
}

}  // namespace cmp::cli
