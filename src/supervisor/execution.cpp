#include "supervisor/execution.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/core.h>

#include "engine/container_files.hpp"
#include "engine/launch.hpp"
#include "engine/neighbours.hpp"
#include "engine/records.hpp"
#include "net/address6.hpp"
#include "supervisor/await.hpp"

namespace cmp::supervisor {

namespace {

/// Containers that the plan stops and starts again as they are.
std::set<std::string> find_restarted(const plan::Plan& plan) {
  std::set<std::string> stopped;
  std::set<std::string> restarted;
  for (const plan::Step& step : plan.steps) {
    if (const auto* stop = std::get_if<plan::op::StopContainer>(&step.op)) {
      stopped.insert(stop->container);
    } else if (const auto* connected = std::get_if<plan::op::ConnectContainer>(&step.op)) {
      stopped.erase(connected->container);  // Docker has it stop and start, visibly
    } else if (const auto* made = std::get_if<plan::op::PrepareContainer>(&step.op);
               made != nullptr && !made->fresh && stopped.contains(made->container)) {
      restarted.insert(made->container);
    }
  }
  return restarted;
}

std::string container_id(const std::string& name) {
  return "Container " + name;
}

}  // namespace

Execution::Execution(ExecutionSite site, plan::Plan plan, engine::OnFailure on_failure)
    : site_(std::move(site)),
      executor_(std::move(plan), *this, on_failure),
      recreated_(plan::recreated_containers(executor_.plan())),
      restarted_(find_restarted(executor_.plan())),
      hooks_(site_.loop, site_.context) {}

void Execution::start() {
  for (const std::string& warning : executor_.plan().warnings) {
    site_.emit({.type = EventType::kWarning, .message = warning});
  }
  executor_.start();
  site_.reservation.reset();
  tell_if_finished();
}

void Execution::begin(const plan::Step& step) {
  std::visit(
      [&](const auto& op) {
        if constexpr (requires { run(step, op); }) {
          run(step, op);
        } else {
          complete(step.id, make_error(Code::kInternal, "no step of an execution"));
        }
      },
      step.op);
}

/// Docker's words for a container that goes and comes back: one pair for all that happens to it until it is made again.
std::string_view Execution::wording(const std::string& id, std::string_view text) const {
  constexpr std::string_view kPrefix = "Container ";
  const std::string name = id.starts_with(kPrefix) ? id.substr(kPrefix.size()) : std::string();
  if (restarted_.contains(name)) {
    return text == "Stopping" ? "Restarting" : text == "Stopped" || text == "Starting" ? "" : text;
  }
  if (!recreated_.contains(name)) {
    return text;
  }
  if (text == "Stopping" || text == "Stopped" || text == "Removing" || text == "Removed" || text == "Creating") {
    return text == "Stopping" || text == "Removing" ? "Recreate" : "";
  }
  return text == "Created" ? "Recreated" : text;
}

void Execution::tell(const std::string& id, std::string_view plain_text, ProgressStatus status, std::string details) {
  const std::string_view text = wording(id, plain_text);
  if (text.empty() || (text == "Recreate" && !told_recreate_.insert(id).second)) {
    return;
  }
  site_.emit({.type = EventType::kProgress,
              .id = id,
              .text = std::string(text),
              .status = status,
              .details = std::move(details)});
}

void Execution::done(int step, Status status, const std::string& id, std::string_view text, std::string details) {
  if (status) {
    tell(id, text, ProgressStatus::kDone, std::move(details));
  } else {
    // Why is told once, at the end, with its place in the file.
    tell(id, "Error", ProgressStatus::kError);
  }
  complete(step, std::move(status));
}

void Execution::complete(int step, Status status) {
  const plan::Step& what = executor_.plan().steps[static_cast<std::size_t>(step)];
  if (!status && !what.rollout.empty() && status.error().code != Code::kInterrupted) {
    status = std::move(status).error().context(fmt::format("update of service '{}'", what.rollout));
    if (tolerates(what)) {
      site_.emit({.type = EventType::kWarning, .message = status.error().str()});
      status = {};
    }
  }
  executor_.completed(step, std::move(status));
  tell_if_finished();
}

void Execution::tell_if_finished() {
  if (!executor_.finished()) {
    return;
  }
  // Devices of containers that left while their network stays.
  if (const Status removed = remove_devices(); !removed) {
    site_.emit({.type = EventType::kWarning, .message = removed.error().str()});
  }
  tell_deaf();
  note_not_started();
  site_.finished();
}

void Execution::cancel(Error why) {
  executor_.cancel(std::move(why));
  hooks_.kill_all();
  tell_if_finished();
  // What only waits has nothing to finish.
  for (const auto& [step, timer] : std::exchange(timers_, {})) {
    site_.loop.cancel(timer);
  }
  for (const auto& [step, since] : std::exchange(awaits_, {})) {
    complete(step, make_error(Code::kInterrupted, "interrupted"));
  }
}

state::ContainerRecord Execution::new_record(const std::string& name, const std::string& service, int number) const {
  const auto endpoints = site_.addresses.endpoints.find(name);
  engine::RecordInputs inputs{.roots = site_.context.paths.roots(),
                              .project = site_.project,
                              .service = site_.project.services.at(service),
                              .number = number,
                              .endpoints = {},
                              .now = wall_now(),
                              .one_off_of = "",
                              .hook = -1};
  if (endpoints != site_.addresses.endpoints.end()) {
    inputs.endpoints = endpoints->second;
  }
  if (site_.one_off != nullptr && site_.one_off->container == name) {
    inputs.one_off_of = site_.one_off->service;
  }
  if (const auto hook = site_.project.hooks.find(name); hook != site_.project.hooks.end()) {
    inputs.one_off_of = hook->second.of;
    inputs.hook = hook->second.index;
  }
  return engine::make_record(inputs);
}

Container& Execution::find_or_add(const std::string& name, const std::string& service, int number) {
  if (Container* const container = site_.containers.find(name); container != nullptr) {
    return *container;
  }
  Container& container = site_.containers.add(new_record(name, service, number));
  if (OneOff* const one_off = site_.one_off; one_off != nullptr && one_off->container == name) {
    container.record.auto_remove = one_off->auto_remove;
    container.record.own_streams = one_off->streams.empty();
    container.streams = std::exchange(one_off->streams, {});
  }
  site_.containers.tell(container, "create");
  return container;
}

void Execution::run(const plan::Step& step, const plan::op::CreateContainer& op) {
  tell(container_id(op.container), "Creating", ProgressStatus::kWorking);
  const Container& container = find_or_add(op.container, op.service, op.number);
  done(step.id, state::write_record(site_.context.paths, container.record), container_id(op.container), "Created");
}

void Execution::run(const plan::Step& step, const plan::op::PrepareContainer& op) {
  Container& container = find_or_add(op.container, op.service, op.number);
  container.record.stop_requested = false;
  container.record.draining = false;
  // Its devices have the names of those it may have had before, which are replaced as it is attached.
  for (const std::string& device : engine::devices_of(container.record)) {
    std::erase(devices_, device);
  }
  if (const auto ports = site_.ports.find(op.service); ports != site_.ports.end()) {
    container.record.ports = ports->second;
  }
  if (op.fresh) {
    tell(container_id(op.container), "Creating", ProgressStatus::kWorking);
  }
  wait_for(op.container, Waiting::kPrepared, step.id);
  // The end of its last run may be what has led here: who tells of that closes its outputs yet.
  site_.loop.defer([this, name = op.container] {
    if (Container* const found = site_.containers.find(name)) {
      site_.containers.dispatch(*found, {.kind = EventKind::kPrepare});
    }
  });
}

/// Networks and containers are there, nothing has run yet: the time for the filter, all of it at once.
void Execution::run(const plan::Step& step, const plan::op::Barrier& /*op*/) {
  complete(step.id, site_.firewall.update());
}

void Execution::run(const plan::Step& step, const plan::op::StartContainer& op) {
  Container* container = site_.containers.find(op.container);
  if (container == nullptr) {
    return complete(step.id, make_error(Code::kInternal, fmt::format("container {} is gone", op.container)));
  }
  anything_started_ = true;
  container->record.held_by.clear();
  for (const int need : step.needs) {
    if (const auto held = long_awaits_.find(need); held != long_awaits_.end()) {
      container->record.held_by = held->second;
    }
  }
  tell(container_id(op.container), "Starting", ProgressStatus::kWorking);
  wait_for(op.container, Waiting::kStarted, step.id);
  site_.containers.dispatch(*container, {.kind = EventKind::kStart});
}

void Execution::run(const plan::Step& step, const plan::op::StopContainer& op) {
  Container* container = site_.containers.find(op.container);
  if (container == nullptr) {
    return complete(step.id, {});
  }
  tell(container_id(op.container), "Stopping", ProgressStatus::kWorking);
  wait_for(op.container, Waiting::kStopped, step.id);
  MachineEvent event{.kind = EventKind::kStop};
  if (op.timeout_s) {
    event.grace = std::chrono::seconds(*op.timeout_s);
  }
  site_.containers.dispatch(*container, event);
}

void Execution::run(const plan::Step& step, const plan::op::RemoveContainer& op) {
  tell(container_id(op.container), "Removing", ProgressStatus::kWorking);
  // Its own exit may be what has led here: it must not be gone before those who tell of it have returned.
  site_.loop.defer([this, id = step.id, op] { remove_container(id, op); });
}

void Execution::remove_container(int step, const plan::op::RemoveContainer& op) {
  const std::string& name = op.container;
  Container* container = site_.containers.find(name);
  if (container == nullptr) {
    return complete(step, {});
  }
  const state::ContainerRecord record = container->record;
  const auto devices = engine::devices_of(record);
  devices_.insert(devices_.end(), devices.begin(), devices.end());
  // What is made again may fail to come up: then this one comes back.
  const bool retires = recreated_.contains(name) && site_.retired != nullptr;
  Status removed = retires ? engine::retire_container(site_.context, record, op.keep_volumes)
                           : engine::remove_container(site_.context, record, op.keep_volumes);
  if (removed && retires) {
    site_.retired->containers.insert_or_assign(name, record);
  }
  if (removed) {
    site_.containers.tell(*container, "destroy");
    site_.containers.erase(name);
  }
  done(step, std::move(removed), container_id(name), "Removed");
}

void Execution::run(const plan::Step& step, const plan::op::ConnectContainer& op) {
  Container* const container = site_.containers.find(op.container);
  const auto endpoints = site_.addresses.endpoints.find(op.container);
  if (container == nullptr || endpoints == site_.addresses.endpoints.end()) {
    return complete(step.id, make_error(Code::kInternal, fmt::format("container {} is gone", op.container)));
  }
  if (site_.retired != nullptr) {
    site_.retired->containers.insert_or_assign(op.container, container->record);
  }
  container->record.endpoints = endpoints->second;
  complete(step.id, state::write_record(site_.context.paths, container->record));
}

void Execution::run(const plan::Step& step, const plan::op::RestoreContainer& op) {
  auto before = site_.retired == nullptr ? std::map<std::string, state::ContainerRecord>::node_type()
                                         : site_.retired->containers.extract(op.container);
  if (before.empty()) {
    return complete(step.id, {});
  }
  if (Container* const connected = site_.containers.find(op.container)) {
    connected->record.endpoints = std::move(before.mapped().endpoints);
    return complete(step.id, state::write_record(site_.context.paths, connected->record));
  }
  Status restored = engine::restore_container(site_.context.paths, op.container);
  if (restored) {
    restored = state::write_record(site_.context.paths, before.mapped());
    site_.containers.add(std::move(before.mapped()));
  }
  done(step.id, std::move(restored), container_id(op.container), "Restored");
}

void Execution::wait_for(const std::string& container, Waiting what, int step) {
  waiting_[{container, what}].push_back(step);
}

void Execution::finish_waiting(const std::string& container, Waiting what, const Status& status,
                               const std::string& details) {
  const auto it = waiting_.find({container, what});
  if (it == waiting_.end()) {
    return;
  }
  constexpr std::string_view kTexts[] = {"Created", "Started", "Stopped"};
  const auto steps = std::move(it->second);
  waiting_.erase(it);
  for (const int step : steps) {
    const auto* const prepared =
        std::get_if<plan::op::PrepareContainer>(&executor_.plan().steps[static_cast<std::size_t>(step)].op);
    if (status && prepared != nullptr && !prepared->fresh) {
      complete(step, status);  // it had been created before
    } else {
      done(step, status, container_id(container), kTexts[static_cast<int>(what)], details);
    }
  }
}

void Execution::on_prepared(const Container& container) {
  finish_waiting(container.record.name, Waiting::kPrepared, {});
}

void Execution::on_started(Container& container) {
  if (restarted_.contains(container.record.name)) {
    site_.containers.tell(container, "restart");
  }
  finish_waiting(container.record.name, Waiting::kStarted, {});
}

void Execution::on_failed(const Container& container) {
  const Status failed =
      container.failure
          ? *container.failure
          : make_error(Code::kSystem, fmt::format("container {} ended before it was started", container.record.name));
  finish_waiting(container.record.name, Waiting::kPrepared, failed);
  finish_waiting(container.record.name, Waiting::kStarted, failed);
}

void Execution::on_stopped(const Container& container) {
  const bool deaf = container.record.ended_by == state::EndedBy::kDeaf;
  if (deaf && waiting_.contains({container.record.name, Waiting::kStopped})) {
    deaf_[container.ending].insert(container.record.name);
  }
  finish_waiting(container.record.name, Waiting::kStopped, {}, deaf ? "" : container.ending);
}

void Execution::on_slow_stop(const Container& container, const std::string& why) {
  if (waiting_.contains({container.record.name, Waiting::kStopped})) {
    tell(container_id(container.record.name), "Stopping", ProgressStatus::kWorking, why);
  }
}

}  // namespace cmp::supervisor
