// The part of Jobs that needs no compose file: what is done to containers that exist.

#include <algorithm>
#include <csignal>
#include <utility>

#include "supervisor/jobs.hpp"
#include "supervisor/planning.hpp"

namespace cmp::supervisor {

Status Jobs::begin_start() {
  CMP_TRY(const Networks networks, read_networks());
  CMP_TRY(const plan::Observed observed, observe(networks));
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  // Containers have their addresses; those of hooks are made now.
  if (!work_project_.hooks.empty()) {
    CMP_TRY(addresses_, plan_addresses(work_project_, networks, plan));
  }
  tell_running(observed, plan);
  return bring_up(std::move(plan));
}

Status Jobs::begin_restart() {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  return bring_up(std::move(plan));
}

/// What containers publish, from their own records: the file may say something else by now.
Status Jobs::bring_up(plan::Plan plan) {
  bound_ports_.clear();
  made_sources_.clear();
  for (const plan::Step& step : plan.steps) {
    const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op);
    const Container* container = prepare == nullptr ? nullptr : site_.containers.find(prepare->container);
    if (container == nullptr || bound_ports_.contains(prepare->service)) {
      continue;
    }
    const model::Service& service = container->record.service_definition;
    CMP_CHECK(engine::make_sources(service, engine::owner_of(desired_.project.working_dir), made_sources_));
    CMP_TRY(bound_ports_[prepare->service], site_.ports.bind(service));
  }
  execute(std::move(plan), engine::OnFailure::kStop);
  return {};
}

Status Jobs::begin_remove() {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(auto plan, plan_for(job_.request, observed, desired_.project));
  execute(std::move(plan), engine::OnFailure::kKeepGoing);
  return {};
}

void Jobs::remove_if_ended(const std::string& name) {
  const Container* const container = site_.containers.find(name);
  if (container == nullptr || !container->record.auto_remove || container->machine.phase != Phase::kIdle ||
      container->record.state != state::ContainerState::kExited || site_.sessions.is_held(name)) {
    return;
  }
  Request request;
  request.operation = Operation::kRemove;
  request.containers = {name};
  enqueue(0, std::move(request));
}

/// pause, unpause.
Status Jobs::begin_freeze() {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(const plan::Plan plan, plan_for(job_.request, observed, desired_.project));
  for (const plan::Step& step : plan.steps) {
    const auto& op = std::get<plan::op::FreezeContainer>(step.op);
    CMP_CHECK(site_.containers.freeze(*site_.containers.find(op.container), op.frozen));
    changed_ = true;
    emit({.type = EventType::kProgress,
          .id = "Container " + op.container,
          .text = op.frozen ? "Paused" : "Unpaused",
          .status = ProgressStatus::kDone});
  }
  finish();
  return {};
}

/// kill: the signal to every running container; SIGKILL also ends what is being stopped.
Status Jobs::begin_kill() {
  CMP_TRY(changed_, kill(job_.session, job_.request));
  finish();
  return {};
}

/// A kill is for those who are tired of waiting: it does not wait for what is being stopped.
void Jobs::kill_meanwhile(SessionId session, const Request& request) {
  Event done{.type = EventType::kDone};
  if (auto killed = kill(session, request)) {
    done.changed = *killed;
  } else {
    done.errors.push_back(std::move(killed).error());
  }
  site_.sessions.send(session, done);
}

/// \returns whether there was anything to kill.
Result<bool> Jobs::kill(SessionId session, const Request& request) {
  CMP_TRY(const plan::Observed observed, observe());
  CMP_TRY(const plan::Plan plan, plan_for(request, observed, desired_.project));
  bool any = false;
  for (const plan::Step& step : plan.steps) {
    const auto& op = std::get<plan::op::SignalContainer>(step.op);
    Container& container = *site_.containers.find(op.container);
    if (!container.pidfd) {
      continue;
    }
    site_.sessions.send(session, {.type = EventType::kProgress,
                                  .id = "Container " + op.container,
                                  .text = "Killed",
                                  .status = ProgressStatus::kDone});
    any = true;
    site_.containers.tell(container, "kill");
    if (op.signal == SIGKILL) {
      container.record.ended_by = state::EndedBy::kKill;
      site_.containers.dispatch(container, {.kind = EventKind::kKill});
    } else {
      CMP_CHECK(sys::send_signal(container.pidfd.get(), op.signal));
    }
  }
  return any;
}

}  // namespace cmp::supervisor
