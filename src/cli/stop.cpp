#include <cstdlib>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"
#include "sys/process.hpp"

namespace cmp::cli {

namespace {

Result<int> perform_on_running(const Context& context, supervisor::Request request, const char* command) {
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
  CMP_CHECK(check_services(context, request.services, containers));
  if (containers.empty()) {
    if (request.operation == supervisor::Operation::kKill) {
      CMP_CHECK(inform(context, "No container to kill\n"));
    }
    return 0;
  }
  if (context.globals.dry_run) {
    CMP_CHECK(show_plan(paths, request));
    return 0;
  }
  ProgressPrinter printer(command, printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer));
  return conclude(std::move(outcome));
}

}  // namespace

Result<int> run_command(const Context& context, const StopOptions& options) {
  CMP_CHECK(need_root("stop"));
  supervisor::Request request;
  request.operation = supervisor::Operation::kStop;
  request.services = options.services;
  request.timeout_s = options.timeout_s;
  request.who = who("stop");
  return perform_on_running(context, std::move(request), "stop");
}

Result<int> run_command(const Context& context, const KillOptions& options) {
  CMP_CHECK(need_root("kill"));
  CMP_TRY(const int signal, sys::parse_signal(options.signal));
  supervisor::Request request;
  request.operation = supervisor::Operation::kKill;
  request.services = options.services;
  request.signal = std::to_string(signal);
  request.remove_orphans = options.remove_orphans;
  request.who = who("kill");
  return perform_on_running(context, std::move(request), "kill");
}

namespace {

Result<int> freeze(const Context& context, const std::vector<std::string>& services, supervisor::Operation operation,
                   const char* command) {
  CMP_CHECK(need_root(command));
  supervisor::Request request;
  request.operation = operation;
  request.services = services;
  request.who = who(command);
  return perform_on_running(context, std::move(request), command);
}

}  // namespace

Result<int> run_command(const Context& context, const PauseOptions& options) {
  return freeze(context, options.services, supervisor::Operation::kPause, "pause");
}

Result<int> run_command(const Context& context, const UnpauseOptions& options) {
  return freeze(context, options.services, supervisor::Operation::kUnpause, "unpause");
}

}  // namespace cmp::cli
