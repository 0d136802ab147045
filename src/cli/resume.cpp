#include <algorithm>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "supervisor/desired.hpp"

// `resume`: what the engine of others does when it starts. `always` comes back even if it was stopped, `unless-stopped`
// unless it was, on-failure and no do not (the supervisor has noted who); what they depend on comes first, whatever its
// policy.

namespace cmp::cli {

namespace {

bool runs(const model::Service& service, const std::vector<state::ContainerRecord>& containers) {
  const auto live = std::ranges::count_if(containers, [&](const state::ContainerRecord& record) {
    return record.service == service.name && !state::is_one_off(record) && state::is_live(record.state);
  });
  return live >= service.scale;
}

}  // namespace

Result<int> run_command(const Context& context, const ResumeOptions& /*options*/) {
  CMP_CHECK(need_root("resume"));
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const state::Paths paths, project_paths(context));
  auto desired = supervisor::read_desired(paths);
  if (!desired) {
    return make_error(Code::kNotFound,
                      fmt::format("nothing to resume: project '{}' is not up, and was not when the machine stopped",
                                  paths.project()));
  }
  CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
  supervisor::Request request;
  request.operation = supervisor::Operation::kUp;
  for (const std::string& name : desired->returning) {
    const auto service = desired->project.services.find(name);
    if (service != desired->project.services.end() && !runs(service->second, containers)) {
      request.services.push_back(name);
    }
  }
  if (request.services.empty()) {
    print_error(fmt::format(
        "Nothing to resume: no service of '{}' that is down has a restart policy that asks for it\n", paths.project()));
    return 0;
  }
  request.project = std::move(desired->project);
  request.no_recreate = true;
  request.who = who("resume");
  if (context.globals.dry_run) {
    CMP_CHECK(show_plan(paths, request));
    return 0;
  }
  ProgressPrinter printer("resume", printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer));
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
