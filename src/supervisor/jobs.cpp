#include "supervisor/jobs.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/core.h>

#include "engine/container_files.hpp"
#include "engine/neighbours.hpp"
#include "model/hooks.hpp"
#include "plan/rollout.hpp"
#include "state/record.hpp"
#include "supervisor/generations.hpp"
#include "supervisor/planning.hpp"

namespace cmp::supervisor {

Jobs::Jobs(JobSite site, Desired desired) : site_(std::move(site)), desired_(std::move(desired)) {}

void Jobs::start() {
  if (const Status forgotten = engine::forget_all_retired(site_.context.paths); !forgotten) {
    emit({.type = EventType::kWarning, .message = forgotten.error().str()});
  }
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
  // What is run once has been let go: a signal is for it now.
  const Container* const once = site_.containers.find(job_.request.one_off);
  const bool too_late =
      once != nullptr && (once->machine.phase == Phase::kStarting || once->machine.phase == Phase::kRunning);
  if (execution_ && job_.session == session && !undoing_ && !too_late) {
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
  work_project_ = model::with_hooks(desired_.project);
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
    case Operation::kReplace:
      break;
  }
  return {};
}

Result<Jobs::Networks> Jobs::read_networks() const {
  CMP_TRY(auto own, state::read_networks(site_.context.paths));
  return Networks{std::move(own), engine::neighbour_networks(site_.context.paths)};
}

Result<plan::Observed> Jobs::observe() {
  CMP_TRY(const Networks networks, read_networks());
  return observe(networks);
}

Result<plan::Observed> Jobs::observe(const Networks& networks) {
  std::vector<state::ContainerRecord> containers;
  for (auto& [name, container] : site_.containers.all()) {
    containers.push_back(container->record);
  }
  return supervisor::observe(site_.context.paths, containers, networks.own, networks.neighbours);
}

Status Jobs::begin_down() {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  // A supervisor that takes over now must not bring up again what is going down.
  desired_.complete = true;
  CMP_CHECK(write_desired(site_.context.paths, desired_));
  execute(std::move(plan), engine::OnFailure::kKeepGoing);
  return {};
}

Status Jobs::begin_stop() {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  execute(std::move(plan), engine::OnFailure::kKeepGoing);
  return {};
}

void Jobs::execute(plan::Plan plan, engine::OnFailure on_failure, std::optional<net::Reservation> reservation) {
  changed_ = changed_ || !plan.steps.empty();
  const bool once = job_.request.operation == Operation::kRun;
  execution_ = std::make_unique<Execution>(
      ExecutionSite{site_.loop, site_.context, site_.containers, site_.firewall, work_project_, addresses_,
                    bound_ports_, [this](const Event& event) { emit(event); }, once ? &one_off_ : nullptr,
                    [this] { on_finished(); }, &retired_, std::move(reservation)},
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
    desired_.returning = returning();
    if (const Status written = write_desired(site_.context.paths, desired_); !written) {
      errors_.push_back(written.error());
    }
  }
  note_generation();
  // Nothing of the user's has run: the machine is left as it was.
  if (up && !errors.empty() && !undoing_ && !finished->anything_started()) {
    return begin_undo(*finished);
  }
  if (const std::string service = undoing_ ? "" : update_to_roll_back(*finished); !service.empty()) {
    Status begun = begin_rollback(*finished, service);
    if (begun) {
      return;
    }
    errors_.push_back(std::move(begun).error().context(fmt::format("roll back service '{}'", service)));
  }
  if (undoing_) {
    engine::unmake_sources(std::exchange(made_sources_, {}));
    if (start_again()) {
      return;
    }
  }
  forget_retired();
  finish();
}

/// An `up` that has come to its end is a way back for later ones.
void Jobs::note_generation() {
  const Request& request = job_.request;
  if (request.operation != Operation::kUp || undoing_ || !errors_.empty() || request.no_start || !request.project) {
    return;
  }
  if (const Status noted = add_generation(site_.context.paths, request.who, request.services, *request.project);
      !noted) {
    emit({.type = EventType::kWarning, .message = noted.error().str()});
  }
}

void Jobs::begin_undo(const Execution& failed) {
  undoing_ = true;
  const plan::Plan& plan = failed.executor().plan();
  const auto begun = failed.executor().begun();
  const bool up = job_.request.operation == Operation::kUp;
  for (const plan::Step& step : plan.steps) {
    const auto* stopped = std::get_if<plan::op::StopContainer>(&step.op);
    if (up && stopped != nullptr && begun[static_cast<std::size_t>(step.id)] &&
        (retired_.containers.contains(stopped->container) || site_.containers.find(stopped->container) != nullptr)) {
      to_start_again_.push_back(stopped->service);
    }
  }
  if (!to_start_again_.empty()) {
    desired_ = before_;
    if (const Status written = write_desired(site_.context.paths, desired_); !written) {
      errors_.push_back(written.error());
    }
  }
  execute(plan::undo(plan, begun), engine::OnFailure::kKeepGoing);
}

/// What ran before an `up` that has been taken back runs again. \returns true if that is under way.
bool Jobs::start_again() {
  const auto services = std::exchange(to_start_again_, {});
  if (services.empty()) {
    return false;
  }
  const auto begin = [&]() -> Status {
    CMP_TRY(const plan::Observed observed, observe());
    CMP_TRY(auto plan, plan::start(observed, {services, false}));
    return bring_up(std::move(plan));
  };
  if (const Status begun = begin(); !begun) {
    errors_.push_back(begun.error());
    return false;
  }
  return true;
}

/// The service whose update has failed, or was broken off, and is to be taken back; "" if none is.
std::string Jobs::update_to_roll_back(const Execution& failed) const {
  const auto begun = failed.executor().begun();
  const auto succeeded = failed.executor().succeeded();
  const bool cancelled = std::ranges::find(errors_, Code::kInterrupted, &Error::code) != errors_.end();
  // Whoever asks for less has no use for it.
  if (errors_.empty() || (cancelled && !waiting_.empty())) {
    return "";
  }
  std::map<std::string, bool> unfinished;
  for (const plan::Step& step : failed.executor().plan().steps) {
    const auto index = static_cast<std::size_t>(step.id);
    if (!step.rollout.empty() && begun[index] && !succeeded[index]) {
      unfinished[step.rollout] = true;
    } else if (!step.rollout.empty() && !begun[index]) {
      unfinished.emplace(step.rollout, false);
    }
  }
  for (const auto& [name, in_the_middle] : unfinished) {
    const auto service = desired_.project.services.find(name);
    const bool asks = service != desired_.project.services.end() && service->second.update_config &&
                      service->second.update_config->failure_action == model::FailureAction::kRollback;
    if (cancelled || (in_the_middle && asks)) {
      return name;
    }
  }
  return "";
}

/// What the update has replaced comes back, in its turn; the rest has never left.
Status Jobs::begin_rollback(const Execution& failed, const std::string& service) {
  undoing_ = true;
  const model::Service& wanted = desired_.project.services.at(service);
  const auto how = wanted.rollback_config.value_or(model::UpdateConfig());
  auto plan = plan::roll_back(failed.executor().plan(), failed.executor().begun(), service, how);
  errors_.push_back(make_error(Code::kSystem, fmt::format("service '{}' is rolled back to what ran before", service)));
  if (const auto before = before_.project.services.find(service); before != before_.project.services.end()) {
    desired_.project.services[service] = before->second;
    work_project_ = model::with_hooks(desired_.project);
    CMP_TRY(bound_ports_[service], site_.ports.bind(before->second));
  }
  CMP_CHECK(write_desired(site_.context.paths, desired_));
  execute(std::move(plan), engine::OnFailure::kKeepGoing);
  return {};
}

void Jobs::forget_retired() {
  for (const auto& [name, record] : std::exchange(retired_, {}).containers) {
    if (const Status forgotten = engine::forget_retired(site_.context.paths, record); !forgotten) {
      emit({.type = EventType::kWarning, .message = forgotten.error().str()});
    }
  }
}

/// What `resume` has to know after a reboot: services that have a container, and whose policy brings that back.
std::vector<std::string> Jobs::returning() const {
  std::set<std::string> out;
  for (const state::ContainerRecord* record : site_.containers.records()) {
    const model::RestartMode mode = record->service_definition.restart.mode;
    const bool comes_back = mode == model::RestartMode::kAlways ||
                            (mode == model::RestartMode::kUnlessStopped && state::is_live(record->state));
    if (comes_back && !state::is_one_off(*record)) {
      out.insert(record->service);
    }
  }
  return {out.begin(), out.end()};
}

void Jobs::note_returning() {
  auto now = returning();
  if (now != desired_.returning) {
    desired_.returning = std::move(now);
    if (const Status written = write_desired(site_.context.paths, desired_); !written) {
      errors_.push_back(written.error());
    }
  }
}

void Jobs::finish() {
  site_.ports.keep_only(site_.containers.records());
  if (Status updated = site_.firewall.update(); !updated) {
    errors_.push_back(std::move(updated).error());
  }
  const bool down = job_.request.operation == Operation::kDown;
  if ((down || undoing_ || site_.containers.all().empty()) && waiting_.empty() && nothing_left()) {
    auto errors = std::exchange(errors_, {});
    auto failures = site_.remove_project();
    errors.insert(errors.end(), failures.begin(), failures.end());
    answer(job_.session, true, std::move(errors));
    ended_ = true;
    return site_.end();
  }
  note_returning();
  answer(job_.session, false, std::exchange(errors_, {}));
  site_.loop.defer([this] { next(); });
}

void Jobs::end_if_unused() {
  if (!ended_ && !execution_ && !finish_deferred_ && waiting_.empty() && nothing_left()) {
    ended_ = true;
    static_cast<void>(site_.remove_project());  // nobody to tell
    site_.end();
  }
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
