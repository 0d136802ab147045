#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "cli/question.hpp"

namespace cmp::cli {

namespace {

using Names = std::vector<std::string>;

Result<Outcome> ask_supervisor(const Context& context, const state::Paths& paths, supervisor::Operation operation,
                               const Names& services) {
  supervisor::Request request;
  request.operation = operation;
  request.services = services;
  request.dry_run = context.globals.dry_run;
  request.who = who("rm");
  ProgressPrinter printer("rm", printer_options(context));
  return perform(paths, std::move(request), printer);
}

Names stopped_containers(const std::vector<state::ContainerRecord>& records, const Names& services) {
  Names out;
  for (const state::ContainerRecord& record : records) {
    if (is_wanted(services, record.service) && !state::is_live(record.state)) {
      out.push_back(record.name);
    }
  }
  return out;
}

}  // namespace

Result<int> run_command(const Context& context, const RemoveOptions& options) {
  CMP_CHECK(need_root("rm"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  if (options.stop && !containers.empty() && !context.globals.dry_run) {
    CMP_TRY(Outcome stopped, ask_supervisor(context, paths, supervisor::Operation::kStop, options.services));
    if (stopped.interrupted || !stopped.errors.empty()) {
      return conclude(std::move(stopped));
    }
    CMP_TRY(containers, current_containers(paths));
  }
  const Names stopped = stopped_containers(containers, options.services);
  if (stopped.empty()) {
    CMP_CHECK(inform(context, "No stopped containers\n"));
    return 0;
  }
  const std::string question = fmt::format("Going to remove {}", join(stopped));
  if (options.force) {
    CMP_CHECK(print(question + '\n'));
  } else if (!context.globals.dry_run) {
    CMP_TRY(const bool yes, confirmed(question));
    if (!yes) {
      return 0;
    }
  }
  CMP_TRY(Outcome outcome, ask_supervisor(context, paths, supervisor::Operation::kRemove, options.services));
  CMP_CHECK(print(outcome.plan));
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
