// The part of Jobs that begins an `up` or a `run`: what is to be done, and whether it can be.

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "engine/grants.hpp"
#include "engine/neighbours.hpp"
#include "engine/preflight.hpp"
#include "engine/remembered.hpp"
#include "model/hooks.hpp"
#include "state/lock.hpp"
#include "state/record.hpp"
#include "supervisor/jobs.hpp"
#include "supervisor/planning.hpp"

namespace cmp::supervisor {

namespace {

/// Services of which the plan makes or updates a container, each once.
std::set<std::string> prepared_services(const plan::Plan& plan) {
  std::set<std::string> services;
  for (const plan::Step& step : plan.steps) {
    if (const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op)) {
      services.insert(prepare->service);
    } else if (const auto* update = std::get_if<plan::op::UpdateContainer>(&step.op)) {
      services.insert(update->service);
    }
  }
  return services;
}

/// Every container that the plan makes has addresses: an update may make more than the file asks for.
model::Project with_every_container(const model::Project& project, const plan::Plan& plan) {
  model::Project out = project;
  for (const plan::Step& step : plan.steps) {
    if (const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op)) {
      int& scale = out.services.at(prepare->service).scale;
      scale = std::max(scale, prepare->number);
    }
  }
  return out;
}

}  // namespace

Status Jobs::begin_up() {
  if (!job_.request.project) {
    return make_error(Code::kInternal, "up without a project");
  }
  const model::Project& project = *job_.request.project;
  // Until what is chosen here is there, or written down, no other project may choose.
  CMP_TRY(auto reservation, net::Reservation::take());
  CMP_TRY(const UniqueFd volumes, state::lock(state::volumes_lock(site_.context.paths.roots())));
  CMP_TRY(const Networks networks, read_networks());
  CMP_TRY(const plan::Observed observed, observe(networks));
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  work_project_ = model::with_hooks(project);
  CMP_TRY(auto addresses, plan_addresses(with_every_container(work_project_, plan), networks, plan));
  CMP_CHECK(check_bridges(work_project_, plan, addresses));
  CMP_CHECK(engine::preflight(site_.context, work_project_, plan));
  for (const std::string& warning : engine::preflight_warnings(work_project_, plan)) {
    emit({.type = EventType::kWarning, .message = warning});
  }
  CMP_CHECK(store_granted());
  CMP_CHECK(bind_ports(work_project_, plan));
  CMP_CHECK(make_bind_sources(work_project_, plan));
  // From here on the project is what this file says: it is written down before the first thing is made.
  adopt_desired(project);
  CMP_CHECK(write_desired(site_.context.paths, desired_));
  addresses_ = std::move(addresses);
  CMP_CHECK(engine::remember(site_.context.paths, addresses_));
  CMP_CHECK(note_shared(project));
  tell_running(observed, plan);
  execute(std::move(plan), engine::OnFailure::kStop, std::move(reservation));
  return {};
}

/// What came is held by the guardian from now on, with what had come before and is not replaced by it.
Status Jobs::store_granted() {
  if (!job_.request.granted) {
    return {};
  }
  if (job_.attached.empty()) {
    return make_error(Code::kInternal, "secrets and configs without their bytes");
  }
  const UniqueFd packed = std::move(job_.attached.back());
  job_.attached.pop_back();
  CMP_TRY(engine::GivenFiles given, engine::unpack_given_files(packed.get()));
  given.merge(site_.context.given);
  site_.context.given = std::move(given);
  return site_.keep_given();
}

/// Directories that a bind mount asks for and that are not there. They belong to who called, and go again if nothing
/// could be started.
Status Jobs::make_bind_sources(const model::Project& project, const plan::Plan& plan) {
  made_sources_.clear();
  const model::HostOwner owner = job_.request.caller ? *job_.request.caller : engine::owner_of(project.working_dir);
  for (const std::string& name : prepared_services(plan)) {
    const model::Service& service = project.services.at(name);
    for (const Error& warning : engine::missing_sources(service)) {
      emit({.type = EventType::kWarning, .message = warning.str()});
    }
    if (Status made = engine::make_sources(service, owner, made_sources_); !made) {
      engine::unmake_sources(std::exchange(made_sources_, {}));
      return made;
    }
  }
  return {};
}

/// `run` adds to what is wanted; it does not take its place. Only an `up` is gone on with by a new supervisor: whoever
/// runs something is there to ask again.
void Jobs::adopt_desired(const model::Project& project) {
  const Request& request = job_.request;
  before_ = desired_;
  if (request.operation != Operation::kRun) {
    desired_ = {.project = project,
                .services = request.services,
                .no_deps = request.no_deps,
                .no_recreate = request.no_recreate,
                .no_start = request.no_start,
                .complete = false};
    return;
  }
  one_off_ = {request.one_off, request.one_off_of, request.auto_remove, std::move(job_.attached)};
  model::Project plain = project;
  plain.services.erase(request.one_off);
  plain.services.merge(desired_.project.services);
  plain.networks.merge(desired_.project.networks);
  plain.volumes.merge(desired_.project.volumes);
  plain.secrets.merge(desired_.project.secrets);
  plain.configs.merge(desired_.project.configs);
  plain.hooks.merge(desired_.project.hooks);
  desired_.project = std::move(plain);
}

/// Owners of networks that this project only uses look for its names from now on.
Status Jobs::note_shared(const model::Project& project) {
  for (const auto& [key, network] : project.networks) {
    if (network.external) {
      CMP_CHECK(engine::note_shared(site_.context.paths, addresses_.networks.at(key)));
    }
  }
  return {};
}

/// A device of the host that has the name of a bridge stays what it is.
Status Jobs::check_bridges(const model::Project& project, const plan::Plan& plan,
                           const engine::AddressPlan& addresses) {
  std::map<std::string, SourcePos> chosen;
  for (const plan::Step& step : plan.steps) {
    const auto* made = std::get_if<plan::op::CreateNetwork>(&step.op);
    const state::NetworkRecord* record = made == nullptr ? nullptr : &addresses.networks.at(made->network);
    if (record != nullptr && !record->bridge.empty() &&
        record->bridge != state::bridge_device(site_.context.paths.roots(), record->name)) {
      chosen.emplace(record->bridge, project.networks.at(made->network).where);
    }
  }
  if (chosen.empty()) {
    return {};
  }
  std::vector<std::string> names;
  std::ranges::transform(chosen, std::back_inserter(names), [](const auto& each) { return each.first; });
  CMP_TRY(const auto foreign, site_.context.links.foreign_devices(names));
  return foreign.empty() ? Status()
                         : Status(make_error(Code::kConflict,
                                             fmt::format("driver_opts: com.docker.network.bridge.name: this host has a "
                                                         "device '{}' already, which is none of ours",
                                                         foreign.front()))
                                      .at(chosen.at(foreign.front())));
}

Result<engine::AddressPlan> Jobs::plan_addresses(const model::Project& project, const Networks& networks,
                                                 const plan::Plan& plan) {
  CMP_TRY(const auto host_subnets, site_.context.links.host_subnets());
  std::vector<state::ContainerRecord> containers;
  for (auto& [name, container] : site_.containers.all()) {
    containers.push_back(container->record);
  }
  const bool shared = std::ranges::any_of(project.networks, [&](const auto& network) {
    return std::ranges::find(networks.neighbours, network.second.name, &state::NetworkRecord::name) !=
               networks.neighbours.end() ||
           engine::is_shared(site_.context.paths, network.second.name);
  });
  const auto neighbour_containers =
      shared ? engine::neighbour_containers(site_.context.paths) : std::vector<state::ContainerRecord>();
  CMP_TRY(const auto pools, engine::read_pools(site_.context.paths.roots()));
  const auto remembered = engine::read_remembered(site_.context.paths);
  std::set<std::string> made_anew;
  for (const plan::Step& step : plan.steps) {
    if (const auto* gone = std::get_if<plan::op::RemoveNetwork>(&step.op)) {
      made_anew.insert(gone->network);
    }
  }
  return engine::plan_addresses({project, site_.context.paths.roots(), networks.own, containers, host_subnets,
                                 networks.neighbours, neighbour_containers, pools, remembered, std::move(made_anew)});
}

/// All ports of what is going to be made, before anything is: a conflict leaves everything as it was.
Status Jobs::bind_ports(const model::Project& project, const plan::Plan& plan) {
  bound_ports_.clear();
  for (const std::string& service : prepared_services(plan)) {
    auto bound = site_.ports.bind(project.services.at(service));
    if (!bound) {
      site_.ports.keep_only(site_.containers.records());
      return std::move(bound).error();
    }
    bound_ports_[service] = *std::move(bound);
  }
  return {};
}

/// Docker's word for what stays as it is.
void Jobs::tell_running(const plan::Observed& observed, const plan::Plan& plan) {
  std::set<std::string> touched;
  for (const plan::Step& step : plan.steps) {
    touched.insert(step.resource);
  }
  for (const auto& [name, container] : observed.containers) {
    if (container.live && !touched.contains("container:" + name)) {
      emit({.type = EventType::kProgress,
            .id = "Container " + name,
            .text = "Running",
            .status = ProgressStatus::kDone});
    }
  }
}

}  // namespace cmp::supervisor
