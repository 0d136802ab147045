#include "supervisor/jobs.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "engine/neighbours.hpp"
#include "engine/others.hpp"
#include "engine/preflight.hpp"
#include "engine/records.hpp"
#include "engine/sharing.hpp"
#include "state/record.hpp"

namespace cmp::supervisor {

namespace {

/// Services of which the plan makes a container, each once.
std::set<std::string> prepared_services(const plan::Plan& plan) {
  std::set<std::string> services;
  for (const plan::Step& step : plan.steps) {
    if (const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op)) {
      services.insert(prepare->service);
    }
  }
  return services;
}

}  // namespace

Jobs::Jobs(JobSite site, Desired desired) : site_(std::move(site)), desired_(std::move(desired)) {}

void Jobs::start() {
  if (!desired_.complete) {
    Job job;
    job.request.operation = Operation::kUp;
    job.request.services = desired_.services;
    job.request.no_deps = desired_.no_deps;
    job.request.no_recreate = desired_.no_recreate;
    job.request.no_start = desired_.no_start;
    job.request.project = desired_.project;
    job.request.who = "a supervisor that was killed";
    waiting_.push_back(std::move(job));
  }
  next();
}

void Jobs::enqueue(SessionId session, Request request, std::vector<UniqueFd> attached) {
  const bool ends = request.operation == Operation::kDown || request.operation == Operation::kStop ||
                    request.operation == Operation::kKill;
  if (ends) {
    // What goes down need not come up first.
    interrupt_ups(request.who);
  }
  if (request.operation == Operation::kKill && execution_ && !brings_up(job_.request.operation)) {
    return kill_meanwhile(session, request);
  }
  waiting_.push_back({session, std::move(request), std::move(attached)});
  next();
}

void Jobs::emit(const Event& event) {
  site_.sessions.send(job_.session, event);
}

void Jobs::cancel(SessionId session) {
  if (execution_ && job_.session == session && !undoing_) {
    execution_->cancel(make_error(Code::kInterrupted, "interrupted"));
  }
}

void Jobs::interrupt_ups(const std::string& by) {
  const Error why =
      make_error(Code::kInterrupted, fmt::format("interrupted by {}", by.empty() ? "another command" : by));
  auto all = std::exchange(waiting_, {});
  for (Job& waiting : all) {
    if (brings_up(waiting.request.operation)) {
      answer(waiting.session, false, {why});
    } else {
      waiting_.push_back(std::move(waiting));
    }
  }
  if (execution_ && brings_up(job_.request.operation) && !undoing_) {
    execution_->cancel(why);
  }
}

void Jobs::next() {
  if (execution_ || waiting_.empty()) {
    return;
  }
  job_ = std::move(waiting_.front());
  waiting_.pop_front();
  undoing_ = false;
  changed_ = false;
  errors_.clear();
  if (Status begun = begin(); !begun) {
    errors_.push_back(std::move(begun).error());
    finish();
  }
}

Status Jobs::begin() {
  switch (job_.request.operation) {
    case Operation::kUp:
    case Operation::kRun:
      return begin_up();
    case Operation::kDown:
      return begin_down();
    case Operation::kStop:
      return begin_stop();
    case Operation::kKill:
      return begin_kill();
    case Operation::kStart:
      return begin_start();
    case Operation::kRestart:
      return begin_restart();
    case Operation::kRemove:
      return begin_remove();
    case Operation::kPause:
    case Operation::kUnpause:
      return begin_freeze();
    case Operation::kWatch:
    case Operation::kPing:
    case Operation::kCancel:
    case Operation::kTerminal:
      break;
  }
  return {};
}

Result<plan::Observed> Jobs::observe() {
  CMP_TRY(const auto networks, state::read_networks(site_.context.paths));
  CMP_TRY(const auto volumes, state::read_volumes(site_.context.paths.roots()));
  std::vector<state::ContainerRecord> containers;
  for (auto& [name, container] : site_.containers.all()) {
    containers.push_back(container->record);
  }
  auto observed = engine::observe(containers, networks, volumes, engine::neighbour_networks(site_.context.paths),
                                  site_.context.paths.project());
  for (const state::ContainerRecord& record : containers) {
    observed.containers.at(record.name).orphaned = engine::is_orphaned(record);
  }
  return observed;
}

Status Jobs::begin_up() {
  if (!job_.request.project) {
    return make_error(Code::kInternal, "up without a project");
  }
  const model::Project project = *std::move(job_.request.project);
  // Until what is chosen here is there, or written down, no other project may choose.
  CMP_TRY(auto reservation, net::Reservation::take());
  CMP_TRY(const plan::Observed observed, observe());
  plan::UpOptions options;
  const bool once = job_.request.operation == Operation::kRun;
  options.services = once ? std::vector{job_.request.one_off} : job_.request.services;
  options.force_recreate = job_.request.force_recreate;
  options.no_deps = job_.request.no_deps;
  options.recreate_deps = job_.request.recreate_deps;
  options.no_recreate = job_.request.no_recreate;
  options.renew_volumes = job_.request.renew_volumes;
  options.no_start = job_.request.no_start;
  options.remove_orphans = job_.request.remove_orphans;
  options.wait = job_.request.wait;
  options.timeout_s = job_.request.timeout_s;
  CMP_TRY(auto plan, plan::reconcile(project, observed, options));
  CMP_TRY(auto addresses, plan_addresses(project));
  CMP_CHECK(engine::preflight(site_.context, project, plan));
  for (const std::string& warning : engine::preflight_warnings(project, plan)) {
    emit({.type = EventType::kWarning, .message = warning});
  }
  if (job_.request.dry_run) {
    return answer_dry_run(plan);
  }
  CMP_CHECK(bind_ports(project, plan));
  CMP_CHECK(make_bind_sources(project, plan));
  // From here on the project is what this file says: it is written down before the first thing is made.
  adopt_desired(project);
  CMP_CHECK(write_desired(site_.context.paths, desired_));
  addresses_ = std::move(addresses);
  CMP_CHECK(note_shared(project));
  tell_running(observed, plan);
  execute(std::move(plan), engine::OnFailure::kStop, std::move(reservation));
  return {};
}

/// Directories that a bind mount asks for and that are not there. They belong to who called, and go again if nothing
/// could be started.
Status Jobs::make_bind_sources(const model::Project& project, const plan::Plan& plan) {
  made_sources_.clear();
  const engine::Owner owner = job_.request.caller ? *job_.request.caller : engine::owner_of(project.working_dir);
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
  run_project_ = project;
  model::Project plain = project;
  plain.services.erase(request.one_off);
  plain.services.merge(desired_.project.services);
  plain.networks.merge(desired_.project.networks);
  plain.volumes.merge(desired_.project.volumes);
  plain.secrets.merge(desired_.project.secrets);
  plain.configs.merge(desired_.project.configs);
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

Result<engine::AddressPlan> Jobs::plan_addresses(const model::Project& project) {
  CMP_TRY(const auto networks, state::read_networks(site_.context.paths));
  CMP_TRY(const auto host_subnets, site_.context.links.host_subnets());
  std::vector<state::ContainerRecord> containers;
  for (auto& [name, container] : site_.containers.all()) {
    containers.push_back(container->record);
  }
  const auto neighbour_networks = engine::neighbour_networks(site_.context.paths);
  const bool shared = std::ranges::any_of(project.networks, [&](const auto& network) {
    return std::ranges::find(neighbour_networks, network.second.name, &state::NetworkRecord::name) !=
               neighbour_networks.end() ||
           engine::is_shared(site_.context.paths, network.second.name);
  });
  const auto neighbour_containers =
      shared ? engine::neighbour_containers(site_.context.paths) : std::vector<state::ContainerRecord>();
  return engine::plan_addresses({project, site_.context.paths.roots(), networks, containers, host_subnets,
                                 neighbour_networks, neighbour_containers});
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

Status Jobs::begin_down() {
  CMP_TRY(const plan::Observed observed, observe());
  auto plan = plan::teardown(observed, {job_.request.services, job_.request.volumes, job_.request.timeout_s});
  if (job_.request.dry_run) {
    return answer_dry_run(plan);
  }
  // A supervisor that takes over now must not bring up again what is going down.
  desired_.complete = true;
  CMP_CHECK(write_desired(site_.context.paths, desired_));
  execute(std::move(plan), engine::OnFailure::kKeepGoing);
  return {};
}

Status Jobs::begin_stop() {
  CMP_TRY(const plan::Observed observed, observe());
  execute(plan::stop(observed, job_.request.services, job_.request.timeout_s), engine::OnFailure::kKeepGoing);
  return {};
}

Status Jobs::answer_dry_run(const plan::Plan& plan) {
  emit({.type = EventType::kPlan, .message = plan::render(plan)});
  finish();
  return {};
}

void Jobs::execute(plan::Plan plan, engine::OnFailure on_failure, std::optional<net::Reservation> reservation) {
  changed_ = changed_ || !plan.steps.empty();
  const bool once = job_.request.operation == Operation::kRun;
  execution_ = std::make_unique<Execution>(
      ExecutionSite{site_.loop, site_.context, site_.containers, site_.firewall, once ? run_project_ : desired_.project,
                    addresses_, bound_ports_, [this](const Event& event) { emit(event); }, once ? &one_off_ : nullptr,
                    [this] { on_finished(); }, std::move(reservation)},
      std::move(plan), on_failure);
  execution_->start();
}

/// Not from within the execution's own call: it is destroyed there.
void Jobs::on_finished() {
  if (!std::exchange(finish_deferred_, true)) {
    site_.loop.defer([this] {
      finish_deferred_ = false;
      on_execution_finished();
    });
  }
}

void Jobs::on_execution_finished() {
  const std::unique_ptr<Execution> finished = std::move(execution_);
  const auto& errors = finished->executor().errors();
  errors_.insert(errors_.end(), errors.begin(), errors.end());
  const bool up = brings_up(job_.request.operation);
  if (job_.request.operation == Operation::kUp && !undoing_) {
    desired_.complete = true;
    if (const Status written = write_desired(site_.context.paths, desired_); !written) {
      errors_.push_back(written.error());
    }
  }
  // Nothing of the user's has run: the machine is left as it was.
  if (up && !errors.empty() && !undoing_ && !finished->anything_started()) {
    undoing_ = true;
    return execute(plan::undo(finished->executor().plan(), finished->executor().begun()),
                   engine::OnFailure::kKeepGoing);
  }
  if (undoing_) {
    engine::unmake_sources(std::exchange(made_sources_, {}));
  }
  finish();
}

void Jobs::finish() {
  site_.ports.keep_only(site_.containers.records());
  if (Status updated = site_.firewall.update(); !updated) {
    errors_.push_back(std::move(updated).error());
  }
  const bool down = job_.request.operation == Operation::kDown && !job_.request.dry_run;
  if ((down || undoing_ || site_.containers.all().empty()) && waiting_.empty() && nothing_left()) {
    auto errors = std::exchange(errors_, {});
    auto failures = site_.remove_project();
    errors.insert(errors.end(), failures.begin(), failures.end());
    answer(job_.session, true, std::move(errors));
    return site_.end();
  }
  answer(job_.session, false, std::exchange(errors_, {}));
  site_.loop.defer([this] { next(); });
}

bool Jobs::nothing_left() {
  const auto networks = state::read_networks(site_.context.paths);
  return site_.containers.all().empty() && networks && networks->empty();
}

void Jobs::answer(SessionId session, bool gone, std::vector<Error> errors) {
  site_.sessions.send(session,
                      {.type = EventType::kDone, .changed = changed_, .gone = gone, .errors = std::move(errors)});
}

}  // namespace cmp::supervisor
