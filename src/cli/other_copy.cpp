#include "cli/other_copy.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "supervisor/client.hpp"
#include "supervisor/desired.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

Status check_other_copy(const Context& context, const state::Paths& paths, const compose::Loaded& loaded) {
  const bool on_purpose = !context.globals.project_name.empty() || context.environment.contains("COMPOSE_PROJECT_NAME");
  if (on_purpose || !supervisor::Client::project_exists(paths)) {
    return {};
  }
  const auto running = supervisor::read_desired(paths);
  if (!running || running->project.working_dir.empty() || running->project.working_dir == loaded.project.working_dir ||
      running->project.files == loaded.project.files) {
    return {};
  }
  const auto& files = running->project.files;
  const bool moved = std::ranges::none_of(files, [](const std::string& file) { return sys::exists(file); });
  if (moved) {
    return {};
  }
  return make_error(
      Code::kConflict,
      fmt::format("project '{}' is there already, from '{}': give this copy a name of its own (-p NAME or "
                  "COMPOSE_PROJECT_NAME), or take the other one down first",
                  paths.project(), running->project.working_dir));
}

}  // namespace cmp::cli
