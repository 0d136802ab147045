#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// What the file declares, disabled profiles included. Nothing where there is no file to be read: then the project is
/// what is there.
std::optional<std::vector<std::string>> declared_services(const Context& context) {
  auto loaded = compose::load(load_options(context));
  if (!loaded) {
    return std::nullopt;
  }
  std::vector<std::string> names = std::move(loaded->disabled_services);
  for (const auto& [name, service] : loaded->project.services) {
    names.push_back(name);
  }
  return names;
}

supervisor::Request request_of(const DownOptions& options) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kDown;
  request.services = options.services;
  request.volumes = options.volumes;
  request.remove_orphans = options.remove_orphans;
  request.timeout_s = options.timeout_s;
  request.who = who("down");
  return request;
}

void say_nothing_was_there(const state::Paths& paths) {
  print_error(fmt::format("Warning: No resource found to remove for project \"{}\".\n", paths.project()));
}

}  // namespace

Result<int> run_command(const Context& context, const DownOptions& options) {
  CMP_CHECK(need_root("down"));
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const state::Paths paths, project_paths(context));
  if (!options.services.empty()) {
    CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
    CMP_CHECK(check_services(context, options.services, containers));
  }
  const bool anything = supervisor::Client::project_exists(paths) || sys::exists(paths.state_dir());
  if (!anything && !options.volumes) {
    say_nothing_was_there(paths);
    return 0;
  }
  auto request = request_of(options);
  if (!options.remove_orphans) {
    request.declared = declared_services(context);
  }
  if (context.globals.dry_run) {
    CMP_TRY(const bool would_remove, show_plan(paths, request));
    if (!would_remove) {
      say_nothing_was_there(paths);
    }
    return 0;
  }
  ProgressPrinter printer("down", printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer));
  if (is_unchanged(outcome)) {
    say_nothing_was_there(paths);
  }
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
