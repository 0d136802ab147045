// The part of Execution that changes what runs: updates in place, and the steps between one container of a service and
// the one that takes its place.

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "engine/records.hpp"
#include "net/connections.hpp"
#include "state/exit_reason.hpp"
#include "supervisor/await.hpp"
#include "supervisor/execution.hpp"

namespace cmp::supervisor {

namespace {

/// How often it is looked whether somebody is connected still.
constexpr Nanoseconds kDrainInterval = std::chrono::milliseconds(50);

/// So often nobody must have been there: a connection may be on its way in.
constexpr int kEmptyLooks = 2;

}  // namespace

void Execution::run(const plan::Step& step, const plan::op::UpdateContainer& op) {
  Container* const container = site_.containers.find(op.container);
  if (container == nullptr) {
    return complete(step.id, {});
  }
  Status updated = op.back ? update_back(*container) : update(*container, op);
  if (!updated) {
    updated = std::move(updated).error().context(fmt::format("service '{}': update {}", op.service, op.container));
  }
  done(step.id, std::move(updated), "Container " + op.container, "Updated");
}

/// Its record says what it was made from: that is the new service from now on.
Status Execution::update(Container& container, const plan::op::UpdateContainer& op) {
  const model::Service& service = site_.project.services.at(op.service);
  const state::ContainerRecord before = container.record;
  if (container.pidfd && before.service_definition.limits != service.limits) {
    CMP_CHECK(cgroup::change(site_.context.cgroups, {before.cgroup}, before.service_definition.limits, service.limits));
  }
  const state::ContainerRecord fresh = engine::make_record(
      {site_.context.paths.roots(), site_.project, service, op.number, before.endpoints, before.created_at, ""});
  state::ContainerRecord& record = container.record;
  record.service_definition = service;
  record.config_hash = fresh.config_hash;
  record.labels = fresh.labels;
  record.image = fresh.image;
  record.exposed = fresh.exposed;
  record.ports = fresh.ports;
  if (const auto bound = site_.ports.find(op.service); bound != site_.ports.end()) {
    record.ports = bound->second;
  }
  if (site_.retired != nullptr) {
    site_.retired->updated.emplace(record.name, before);
  }
  site_.containers.take_changes(container, before.service_definition);
  return {};
}

Status Execution::update_back(Container& container) {
  auto before = site_.retired == nullptr ? std::map<std::string, state::ContainerRecord>::node_type()
                                         : site_.retired->updated.extract(container.record.name);
  if (before.empty()) {
    return {};
  }
  state::ContainerRecord& record = container.record;
  const model::Service now = std::exchange(record.service_definition, before.mapped().service_definition);
  record.config_hash = before.mapped().config_hash;
  record.labels = before.mapped().labels;
  record.image = before.mapped().image;
  record.exposed = before.mapped().exposed;
  record.ports = before.mapped().ports;
  Status restored =
      container.pidfd && now.limits != record.service_definition.limits
          ? cgroup::change(site_.context.cgroups, {record.cgroup}, now.limits, record.service_definition.limits)
          : Status();
  site_.containers.take_changes(container, now);
  return restored;
}

void Execution::run(const plan::Step& step, const plan::op::DrainContainer& op) {
  Container* const container = site_.containers.find(op.container);
  const bool connected =
      container != nullptr && state::has_program(container->record.state) && !container->record.endpoints.empty();
  if (!connected) {
    return complete(step.id, {});
  }
  site_.containers.begin_draining(*container);
  if (Status left = site_.firewall.update(); !left) {
    return complete(step.id, std::move(left));
  }
  awaits_.emplace(step.id, monotonic_now());
  // With nobody beside it, it has not left the balance: waiting would be for new connections, too.
  const bool alone = std::ranges::none_of(site_.containers.all(), [&](const auto& entry) {
    const state::ContainerRecord& other = entry.second->record;
    return other.service == op.service && !other.draining && state::has_program(other.state);
  });
  const MonotonicTime until = monotonic_now() + (alone ? Nanoseconds(0) : container->machine.grace);
  look_for_connections(step.id, op.container, until, 0);
}

void Execution::look_for_connections(int step, const std::string& name, MonotonicTime until, int empty_looks) {
  timers_.erase(step);
  const Container* const container = site_.containers.find(name);
  const auto connections = container == nullptr || container->record.process.pid == 0
                               ? Result<int>(0)
                               : net::open_connections(container->record.process.pid);
  const bool anybody = connections && *connections > 0;
  empty_looks = anybody ? 0 : empty_looks + 1;
  if (empty_looks >= kEmptyLooks || container == nullptr || monotonic_now() >= until) {
    awaits_.erase(step);
    return complete(step, {});
  }
  timers_[step] = site_.loop.after(
      kDrainInterval, [this, step, name, until, empty_looks] { look_for_connections(step, name, until, empty_looks); });
}

void Execution::run(const plan::Step& step, const plan::op::AwaitReady& op) {
  tell("Container " + op.container, "Waiting", ProgressStatus::kWorking);
  awaits_.emplace(step.id, monotonic_now());
  check_ready(step, op);
}

void Execution::check_ready(const plan::Step& step, const plan::op::AwaitReady& op) {
  const Container* const container = site_.containers.find(op.container);
  const bool probed = container != nullptr && container->record.service_definition.healthcheck.enabled();
  const auto condition = probed ? model::Condition::kHealthy : model::Condition::kStarted;
  AwaitVerdict verdict = container == nullptr
                             ? AwaitVerdict{.done = true, .status = missing_dependency(op.service)}
                             : judge(container->record, container->machine, condition, false, monotonic_now());
  if (container != nullptr && container->record.restart_count > 0) {
    verdict = {true, make_error(Code::kSystem, fmt::format("container {} {} and was started again", op.container,
                                                           state::exit_text(container->record)))};
  }
  if (!verdict.done) {
    return;
  }
  if (verdict.status && op.monitor > Nanoseconds(0) && !timers_.contains(step.id)) {
    // What happens to it meanwhile is told to on_changed().
    timers_[step.id] = site_.loop.after(op.monitor, [this, id = step.id] { finish_monitoring(id); });
    return;
  }
  if (!verdict.status) {
    site_.loop.cancel(timers_.contains(step.id) ? timers_.extract(step.id).mapped() : 0);
    finish_ready(step, op, std::move(verdict.status));
  } else if (op.monitor <= Nanoseconds(0)) {
    finish_ready(step, op, {});
  }
}

void Execution::finish_monitoring(int id) {
  timers_.erase(id);
  const plan::Step& step = executor_.plan().steps[static_cast<std::size_t>(id)];
  finish_ready(step, std::get<plan::op::AwaitReady>(step.op), {});
}

void Execution::finish_ready(const plan::Step& step, const plan::op::AwaitReady& op, Status status) {
  awaits_.erase(step.id);
  done(step.id, std::move(status), "Container " + op.container, "Ready");
}

void Execution::run(const plan::Step& step, const plan::op::Pause& op) {
  awaits_.emplace(step.id, monotonic_now());
  timers_[step.id] = site_.loop.after(op.time, [this, id = step.id] {
    timers_.erase(id);
    awaits_.erase(id);
    complete(id, {});
  });
}

/// Of the service's containers so many may fail before its update does: max_failure_ratio, or all of them if it is to
/// go on whatever happens.
bool Execution::tolerates(const plan::Step& step) {
  const auto service = site_.project.services.find(step.rollout);
  if (step.rollout.empty() || service == site_.project.services.end() || !service->second.update_config) {
    return false;
  }
  auto& failed = failed_updates_[step.rollout];
  failed.insert(step.resource);
  const model::UpdateConfig& how = *service->second.update_config;
  const double ratio = static_cast<double>(failed.size()) / std::max(service->second.scale, 1);
  return how.failure_action == model::FailureAction::kContinue || ratio <= how.max_failure_ratio;
}

}  // namespace cmp::supervisor
