#include "cli/dry_run.hpp"

#include <fmt/core.h>

#include "base/combined.hpp"
#include "cli/output.hpp"
#include "compose/field_place.hpp"
#include "engine/neighbours.hpp"
#include "engine/network_checks.hpp"
#include "engine/preflight.hpp"
#include "model/hooks.hpp"
#include "seccomp/look_only.hpp"
#include "supervisor/desired.hpp"
#include "supervisor/planning.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

void warn(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) {
    print_error(fmt::format("warning: {}\n", warning));
  }
}

/// What `up` checks before it makes anything.
Status check_before(const state::Paths& paths, const model::Project& project, plan::Plan& plan) {
  CMP_TRY(auto engine, engine::Context::open(paths));
  CMP_CHECK(engine::preflight(engine, project, plan));
  CMP_CHECK(combined(engine::network_errors(project)));
  warn(engine::preflight_warnings(project, plan));
  return {};
}

}  // namespace

Status begin_dry_run(const Context& context) {
  return context.globals.dry_run ? seccomp::look_only() : Status();
}

plan::PlaceOf places_in(const compose::Loaded& loaded) {
  return [&loaded](const std::string& service, const std::string& path) {
    const SourcePos where = compose::place_of_field(loaded.tree, service, path);
    const std::string base = loaded.project.working_dir + "/";
    const std::string file = where.file.starts_with(base) ? where.file.substr(base.size()) : where.file;
    return where.line > 0 ? fmt::format("{}:{}", file, where.line) : std::string();
  };
}

Result<bool> show_plan(const state::Paths& paths, const supervisor::Request& request, const plan::PlaceOf& place_of) {
  const bool there = sys::exists(paths.containers_dir());
  CMP_TRY(const auto containers, there ? state::read_containers(paths) : Result(std::vector<state::ContainerRecord>()));
  CMP_TRY(const auto networks, state::read_networks(paths));
  CMP_TRY(const auto observed, supervisor::observe(paths, containers, networks, engine::neighbour_networks(paths)));
  const auto wanted = supervisor::read_desired(paths).value_or(supervisor::Desired());
  CMP_TRY(auto plan, supervisor::plan_for(request, observed, wanted.project));
  if (request.project) {
    CMP_CHECK(check_before(paths, model::with_hooks(*request.project), plan));
  }
  warn(plan.warnings);
  CMP_CHECK(print(plan::describe(plan, observed, place_of)));
  return !plan.steps.empty();
}

}  // namespace cmp::cli
