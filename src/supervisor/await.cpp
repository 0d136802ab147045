#include "supervisor/await.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "state/exit_reason.hpp"

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

/// What the last probe said, on one line.
std::string last_probe(const state::ContainerRecord& record) {
  if (record.probes.empty()) {
    return {};
  }
  const state::ProbeRecord& probe = record.probes.back();
  std::string output = probe.output.substr(0, probe.output.find_last_not_of(" \n\r\t") + 1);
  std::ranges::replace(output, '\n', ' ');
  return fmt::format(": its probe {}{}", probe.exit_code < 0 ? "was killed" : fmt::format("exited {}", probe.exit_code),
                     output.empty() ? "" : fmt::format(" ({})", output));
}

AwaitVerdict judge_healthy(const state::ContainerRecord& record, const Machine& machine) {
  if (!record.service_definition.healthcheck.enabled()) {
    return {true, failed(fmt::format("container {} has no healthcheck configured", record.name))};
  }
  if (!may_still_run(machine)) {
    return {true, failed(fmt::format("container {} {}", record.name, state::exit_text(record)))};
  }
  if (record.health == state::Health::kUnhealthy) {
    return {true, failed(fmt::format("container {} is unhealthy{}", record.name, last_probe(record)))};
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
  return {true, make_error(Code::kSystem, fmt::format("service \"{}\" didn't complete successfully: {}", record.service,
                                                      completion_text(record)))};
}

}  // namespace

AwaitVerdict judge(const state::ContainerRecord& record, const Machine& machine, model::Condition condition) {
  switch (condition) {
    case model::Condition::kHealthy:
      return judge_healthy(record, machine);
    case model::Condition::kCompletedSuccessfully:
      return judge_completed(record, machine);
    case model::Condition::kStarted:
      break;
  }
  if (state::has_program(record.state)) {
    return {true, {}};
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
