#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/dry_run.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"

// `start` and `restart`: what is there, as it is; the compose file is read for nothing but names.

namespace cmp::cli {

namespace {

Error nothing_there(const state::Paths& paths, const std::vector<std::string>& services) {
  return make_error(Code::kNotFound,
                    services.empty() ? fmt::format("no container found for project \"{}\": not found", paths.project())
                                     : fmt::format("service \"{}\" has no container to start", services.front()));
}

Result<Outcome> perform_on_existing(const Context& context, supervisor::Request request, const char* command,
                                    std::optional<Nanoseconds> deadline = std::nullopt) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_CHECK(begin_dry_run(context));
  CMP_TRY(const auto containers, current_containers(paths, context.globals.dry_run));
  CMP_CHECK(check_services(context, request.services, containers));
  if (containers.empty()) {
    return nothing_there(paths, request.services);
  }
  if (context.globals.dry_run) {
    CMP_TRY(const bool anything, show_plan(paths, request));
    return Outcome{.changed = anything};
  }
  request.who = who(command);
  ProgressPrinter printer(command, printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer, deadline));
  return outcome;
}

}  // namespace

Result<int> run_command(const Context& context, const StartOptions& options) {
  CMP_CHECK(need_root("start"));
  if (options.wait_timeout_s && !options.wait) {
    return make_error(Code::kInvalid, "--wait-timeout needs --wait");
  }
  supervisor::Request request;
  request.operation = supervisor::Operation::kStart;
  request.services = options.services;
  request.wait = options.wait;
  std::optional<Nanoseconds> deadline;
  if (options.wait_timeout_s.value_or(0) > 0) {
    deadline = std::chrono::seconds(*options.wait_timeout_s);
  }
  CMP_TRY(Outcome outcome, perform_on_existing(context, std::move(request), "start", deadline));
  if (outcome.timed_out) {
    return make_error(Code::kSystem, fmt::format("application not healthy after {}s", *options.wait_timeout_s));
  }
  return conclude(std::move(outcome));
}

Result<int> run_command(const Context& context, const RestartOptions& options) {
  CMP_CHECK(need_root("restart"));
  supervisor::Request request;
  request.operation = supervisor::Operation::kRestart;
  request.services = options.services;
  request.no_deps = options.no_deps;
  request.timeout_s = options.timeout_s;
  CMP_TRY(Outcome outcome, perform_on_existing(context, std::move(request), "restart"));
  return conclude(std::move(outcome));
}

}  // namespace cmp::cli
