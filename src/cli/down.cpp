#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/down_images.hpp"
#include "cli/dry_run.hpp"
#include "cli/orphans.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/volume_notices.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// What the file says, where there is one that can be read; without it the project is what is there.
struct Declared {
  std::optional<std::vector<std::string>> services;  ///< disabled profiles included
  std::map<std::string, std::string> environment;
  std::optional<model::Project> project;
};

Declared read_declared(const Context& context) {
  auto loaded = compose::load(load_options(context));
  if (!loaded) {
    return {.services = {}, .environment = context.environment, .project = {}};
  }
  std::vector<std::string> names = std::move(loaded->disabled_services);
  for (const auto& [name, service] : loaded->project.services) {
    names.push_back(name);
  }
  return {.services = std::move(names),
          .environment = std::move(loaded->environment),
          .project = std::move(loaded->project)};
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

Status say_nothing_was_there(const Context& context, const state::Paths& paths) {
  return inform(context, fmt::format("Warning: No resource found to remove for project \"{}\".\n", paths.project()));
}

}  // namespace

Result<int> run_command(const Context& context, const DownOptions& options) {
  CMP_CHECK(need_root("down"));
  CMP_CHECK(begin_dry_run(context));
  if (!options.rmi.empty() && options.rmi != "all" && options.rmi != "local") {
    return make_error(Code::kInvalid, fmt::format("invalid value for --rmi: \"{}\"", options.rmi));
  }
  CMP_TRY(const state::Paths paths, project_paths(context));
  if (!options.services.empty()) {
    CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
    CMP_CHECK(check_services(context, options.services, containers));
  }
  const bool anything = supervisor::Client::project_exists(paths) || sys::exists(paths.state_dir());
  if (!anything && !options.volumes && options.rmi.empty()) {
    CMP_CHECK(say_nothing_was_there(context, paths));
    return 0;
  }
  auto request = request_of(options);
  Declared declared = read_declared(context);
  CMP_CHECK(decide_orphans(declared.environment, request));
  if (!request.remove_orphans) {
    request.declared = std::move(declared.services);
  }
  CMP_TRY(auto images, images_to_remove(context, paths, declared.project, options));
  if (context.globals.dry_run) {
    CMP_TRY(const bool would_remove, show_plan(paths, request));
    if (!would_remove && images.empty()) {
      CMP_CHECK(say_nothing_was_there(context, paths));
    }
    ProgressPrinter printer("down", printer_options(context));
    CMP_CHECK(remove_images(context, images, printer));
    return 0;
  }
  ProgressPrinter printer("down", printer_options(context));
  const VolumeNotices volumes(context, paths);
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer));
  if (is_unchanged(outcome) && images.empty()) {
    CMP_CHECK(say_nothing_was_there(context, paths));
  }
  if (outcome.errors.empty() && !outcome.interrupted) {
    CMP_CHECK(remove_images(context, images, printer));
  }
  if (outcome.changed && !context.globals.dry_run && options.services.empty()) {
    volumes.say();
  }
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
