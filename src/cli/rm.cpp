#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
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
  request.who = who("rm");
  ProgressPrinter printer("rm", printer_options(context));
  return perform(paths, std::move(request), printer);
}

supervisor::Request removal_of(const Names& services, bool running_too) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kRemove;
  request.services = services;
  request.running_too = running_too;
  return request;
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
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(auto containers, current_containers(paths, context.globals.dry_run));
  CMP_CHECK(check_services(context, options.services, containers));
  if (context.globals.dry_run) {
    CMP_TRY(const bool anything, show_plan(paths, removal_of(options.services, options.stop)));
    if (!anything) {
      print_error("No stopped containers\n");
    }
    return 0;
  }
  if (options.stop && !containers.empty()) {
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
  } else {
    CMP_TRY(const bool yes, confirmed(question));
    if (!yes) {
      return 0;
    }
  }
  CMP_TRY(Outcome outcome, ask_supervisor(context, paths, supervisor::Operation::kRemove, options.services));
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
