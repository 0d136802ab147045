#include "supervisor/await.hpp"

#include <fmt/core.h>

#include "state/exit_reason.hpp"
#include "state/why.hpp"

namespace cmp::supervisor {

namespace {

Error failed(const std::string& reason) {
  return make_error(Code::kSystem, fmt::format("dependency failed to start: {}", reason));
}

/// It runs, is about to, or will again.
bool may_still_run(const Machine& machine) {
  return machine.phase != Phase::kIdle && machine.phase != Phase::kStopping;
}

/// Docker's words, and why.
std::string completion_text(const state::ContainerRecord& record) {
  const std::string reason = state::exit_reason(record);
  return fmt::format("exit {}{}{}", record.exit ? std::to_string(record.exit->code) : "unknown",
                     reason.empty() ? "" : ", ", reason);
}

AwaitVerdict judge_healthy(const state::ContainerRecord& record, const Machine& machine) {
  if (!record.service_definition.healthcheck.enabled()) {
    return {true, failed(fmt::format("container {} has no healthcheck configured", record.name))};
  }
  if (!may_still_run(machine)) {
    return {true, failed(fmt::format("container {} {}", record.name, state::exit_text(record)))};
  }
  if (record.health == state::Health::kUnhealthy) {
    const std::string probe = state::last_probe(record);
    return {true, failed(fmt::format("container {} is unhealthy{}{}", record.name, probe.empty() ? "" : ": ", probe))};
  }
  return {record.state == state::ContainerState::kRunning && record.health == state::Health::kHealthy, {}};
}

AwaitVerdict judge_completed(const state::ContainerRecord& record, const Machine& machine) {
  if (may_still_run(machine)) {
    return {};
  }
  if (record.exit && record.exit->code == 0) {
    return {true, {}};
  }
  if (const auto hook = record.labels.find("com.docker.compose.hook"); hook != record.labels.end()) {
    return {true, make_error(Code::kSystem, fmt::format("service \"{}\" {} exited with code {}", record.service,
                                                        hook->second, completion_text(record).substr(sizeof "exit")))};
  }
  return {true, make_error(Code::kSystem, fmt::format("service \"{}\" didn't complete successfully: {}", record.service,
                                                      completion_text(record)))};
}

}  // namespace

AwaitVerdict judge(const state::ContainerRecord& record, const Machine& machine, model::Condition condition,
                   bool steady, MonotonicTime now) {
  if (steady && machine.phase == Phase::kBackoff && machine.crashes >= kCrashLoop) {
    return {true, make_error(Code::kSystem, fmt::format("container {} is in a crash loop: started again {} times, {}",
                                                        record.name, machine.crashes, state::exit_text(record)))};
  }
  switch (condition) {
    case model::Condition::kHealthy:
      return judge_healthy(record, machine);
    case model::Condition::kCompletedSuccessfully:
      return judge_completed(record, machine);
    case model::Condition::kStarted:
      break;
  }
  if (state::has_program(record.state)) {
    const Nanoseconds ran = now - machine.started;
    return steady && ran < kSteady ? AwaitVerdict{.done = false, .status = {}, .ask_again = kSteady - ran}
                                   : AwaitVerdict{.done = true, .status = {}};
  }
  if (may_still_run(machine)) {
    return {};
  }
  return {true, make_error(Code::kSystem, fmt::format("container {} {}", record.name, state::exit_text(record)))};
}

Error missing_dependency(const std::string& service) {
  return make_error(Code::kNotFound, fmt::format("no container of service '{}' to wait for", service));
}

}  // namespace cmp::supervisor
