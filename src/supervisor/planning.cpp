#include "supervisor/planning.hpp"

#include <csignal>

#include "engine/records.hpp"
#include "engine/sharing.hpp"
#include "state/record.hpp"
#include "sys/process.hpp"

namespace cmp::supervisor {

namespace {

plan::UpOptions up_options_of(const Request& request) {
  plan::UpOptions options;
  const bool once = request.operation == Operation::kRun;
  options.services = once ? std::vector{request.one_off} : request.services;
  options.force_recreate = request.force_recreate;
  options.no_deps = request.no_deps;
  options.recreate_deps = request.recreate_deps;
  options.no_recreate = request.no_recreate;
  options.renew_volumes = request.renew_volumes;
  options.no_start = request.no_start;
  options.remove_orphans = request.remove_orphans;
  options.ignore_orphans = request.ignore_orphans;
  options.disabled = request.declared.value_or(std::vector<std::string>());
  options.wait = request.wait;
  options.recreate_volumes = request.recreate_volumes;
  options.timeout_s = request.timeout_s;
  return options;
}

Result<plan::Plan> plan_kill(const Request& request, const plan::Observed& observed, const model::Project& wanted) {
  plan::KillOptions options{.services = request.services, .declared = std::nullopt, .signal = SIGKILL};
  if (!request.signal.empty()) {
    CMP_TRY(options.signal, sys::parse_signal(request.signal));
  }
  if (!request.remove_orphans) {
    options.declared.emplace();
    for (const auto& [name, service] : wanted.services) {
      options.declared->push_back(name);
    }
  }
  return plan::kill(observed, options);
}

}  // namespace

Result<plan::Plan> plan_for(const Request& request, const plan::Observed& observed, const model::Project& wanted) {
  switch (request.operation) {
    case Operation::kUp:
    case Operation::kRun:
      if (!request.project) {
        return make_error(Code::kInternal, "up without a project");
      }
      return plan::reconcile(*request.project, observed, up_options_of(request));
    case Operation::kDown:
      return plan::teardown(observed, {request.services, request.declared, request.volumes, request.timeout_s});
    case Operation::kStop:
      return plan::stop(observed, request.services, request.timeout_s);
    case Operation::kStart:
      return plan::start(observed, {request.services, request.wait});
    case Operation::kRestart:
      return plan::restart(observed, {request.services, request.no_deps, request.timeout_s});
    case Operation::kRemove:
      return plan::remove(observed, request.services, request.containers, request.running_too);
    case Operation::kPause:
    case Operation::kUnpause:
      return plan::freeze(observed, request.services, request.operation == Operation::kPause);
    case Operation::kKill:
      return plan_kill(request, observed, wanted);
    case Operation::kWatch:
    case Operation::kPing:
    case Operation::kCancel:
    case Operation::kTerminal:
    case Operation::kReplace:
      break;
  }
  return plan::Plan();
}

Result<plan::Observed> observe(const state::Paths& paths, const std::vector<state::ContainerRecord>& containers,
                               const std::vector<state::NetworkRecord>& networks,
                               const std::vector<state::NetworkRecord>& neighbour_networks) {
  CMP_TRY(const auto volumes, state::read_volumes(paths.roots()));
  auto observed = engine::observe(containers, networks, volumes, neighbour_networks, paths.project());
  for (const state::ContainerRecord& record : containers) {
    observed.containers.at(record.name).orphaned = engine::is_orphaned(record);
  }
  return observed;
}

}  // namespace cmp::supervisor
