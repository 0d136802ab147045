// The part of Execution that waits for conditions and hooks, and says what a failure has held up.

#include <utility>

#include <fmt/core.h>

#include "state/log_sources.hpp"
#include "supervisor/await.hpp"
#include "supervisor/execution.hpp"

namespace cmp::supervisor {

namespace {

std::string awaited_id(const std::string& container) {
  return "Container " + container;
}

}  // namespace

Execution::~Execution() {
  for (const auto* timers : {&asked_again_, &timers_}) {
    for (const auto& [step, timer] : *timers) {
      site_.loop.cancel(timer);
    }
  }
}

/// What a failure has kept from starting, in their records and, all together, in a warning.
void Execution::note_not_started() {
  if (executor_.errors().empty() || !anything_started_ || std::exchange(noted_, true)) {
    return;
  }
  std::string names;
  const auto begun = executor_.begun();
  for (const plan::Step& step : executor_.plan().steps) {
    const auto* start = std::get_if<plan::op::StartContainer>(&step.op);
    Container* const container = start == nullptr || begun[static_cast<std::size_t>(step.id)]
                                     ? nullptr
                                     : site_.containers.find(start->container);
    if (container == nullptr) {
      continue;
    }
    names += (names.empty() ? "" : ", ") + start->container;
    container->record.error = executor_.errors().front().message;
    site_.containers.save(*container);
  }
  if (!names.empty()) {
    site_.emit({.type = EventType::kWarning, .message = fmt::format("not started because of it: {}", names)});
  }
}

/// One line for all: a project of such services has as many.
void Execution::tell_deaf() {
  for (const auto& [why, containers] : std::exchange(deaf_, {})) {
    std::string names;
    for (const std::string& name : containers) {
      names += (names.empty() ? "" : ", ") + name;
    }
    site_.emit({.type = EventType::kWarning, .message = fmt::format("{}: {}, ended at once", names, why)});
  }
}

void Execution::run(const plan::Step& step, const plan::op::AwaitCondition& op) {
  tell(awaited_id(op.container), "Waiting", ProgressStatus::kWorking);
  awaits_.emplace(step.id, monotonic_now());
  check_await(step, op);
}

void Execution::check_await(const plan::Step& step, const plan::op::AwaitCondition& op) {
  const Container* container = site_.containers.find(op.container);
  const AwaitVerdict verdict =
      container == nullptr ? AwaitVerdict{.done = true, .status = missing_dependency(op.service)}
                           : judge(container->record, container->machine, op.condition, op.steady, monotonic_now());
  site_.loop.cancel(std::exchange(asked_again_[step.id], 0));
  if (verdict.done) {
    return finish_await(step, op, verdict.status);
  }
  if (verdict.ask_again) {
    asked_again_[step.id] = site_.loop.after(*verdict.ask_again, [this, &step, op] {
      if (awaits_.contains(step.id)) {
        check_await(step, op);
      }
    });
  }
}

void Execution::finish_await(const plan::Step& step, const plan::op::AwaitCondition& op, Status status) {
  if (const auto since = awaits_.extract(step.id); since && status) {
    note_await(step, op, since.mapped());
  }
  if (const auto hook = site_.project.hooks.find(op.container); !status && hook != site_.project.hooks.end()) {
    constexpr std::size_t kHookLines = 10;
    const std::string tail = state::log_tail(site_.context.paths, op.container, WallTime(), kHookLines);
    Error error = std::move(status).error();
    error.message += tail.empty() ? "" : ": " + tail;
    status = std::move(error).at(hook->second.service.where);
  }
  if (!status && !op.required) {
    site_.emit(
        {.type = EventType::kWarning,
         .message = fmt::format("optional dependency \"{}\" failed to start: {}", op.service, status.error().message)});
    tell(awaited_id(op.container), "Skipped", ProgressStatus::kWarning);
    return complete(step.id, {});
  }
  const std::string_view text = op.condition == model::Condition::kHealthy                 ? "Healthy"
                                : op.condition == model::Condition::kCompletedSuccessfully ? "Exited"
                                                                                           : "Started";
  done(step.id, std::move(status), awaited_id(op.container), text);
}

/// For `why`: what held up a dependant for so long that one may ask.
void Execution::note_await(const plan::Step& step, const plan::op::AwaitCondition& op, MonotonicTime since) {
  constexpr Nanoseconds kWorthTelling = std::chrono::milliseconds(100);
  const Nanoseconds waited = monotonic_now() - since;
  if (waited >= kWorthTelling) {
    long_awaits_[step.id] = fmt::format("{} ({} after {:.1f} s)", op.service,
                                        op.condition == model::Condition::kHealthy ? "healthy" : "completed",
                                        std::chrono::duration<double>(waited).count());
  }
}

void Execution::run(const plan::Step& step, const plan::op::RunHooks& op) {
  Container* const container = site_.containers.find(op.container);
  const bool stopping = op.kind == plan::op::HookKind::kPreStop;
  if (container == nullptr || !state::has_program(container->record.state)) {
    // What has ended by itself has nothing to say goodbye to.
    return complete(step.id, stopping ? Status()
                                      : make_error(Code::kSystem, fmt::format("{} hook: container {} does not run",
                                                                              op.service, op.container)));
  }
  // A frozen container would never run it.
  if (container->record.state == state::ContainerState::kPaused) {
    if (Status thawed = site_.containers.freeze(*container, false); !thawed) {
      return complete(step.id, std::move(thawed));
    }
  }
  const model::Service& service = container->record.service_definition;
  hooks_.run(container->record, stopping ? service.pre_stop : service.post_start,
             [this, id = step.id, kind = op.kind](Status status) { on_hooks_done(id, kind, std::move(status)); });
}

/// A pre_stop that fails calls the whole command off, also one that goes on past other failures.
void Execution::on_hooks_done(int step, plan::op::HookKind kind, Status status) {
  if (!status && kind == plan::op::HookKind::kPreStop) {
    executor_.cancel(std::move(status).error());
    return complete(step, {});
  }
  complete(step, std::move(status));
}

void Execution::on_changed(const Container& container) {
  for (const auto& [id, since] : std::map(awaits_)) {
    const plan::Step& step = executor_.plan().steps[static_cast<std::size_t>(id)];
    if (!awaits_.contains(id) || step.resource != "container:" + container.record.name) {
      continue;
    }
    if (const auto* condition = std::get_if<plan::op::AwaitCondition>(&step.op)) {
      check_await(step, *condition);
    } else if (const auto* ready = std::get_if<plan::op::AwaitReady>(&step.op)) {
      check_ready(step, *ready);
    }
  }
}

}  // namespace cmp::supervisor
