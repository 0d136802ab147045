// healthcheck, restart, limits.

#include <algorithm>

#include <fmt/core.h>

#include "compose/bind.hpp"
#include "compose/quantity.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

void set_duration(const Node& mapping, std::string_view key, Nanoseconds& target) {
  if (const auto value = parse_duration(text_at(mapping, key)); value && value->count() > 0) {
    target = *value;
  }
}

std::optional<model::RestartMode> restart_mode(std::string_view word) {
  if (word.empty() || word == "no" || word == "none") {
    return model::RestartMode::kNo;
  }
  if (word == "always" || word == "any") {
    return model::RestartMode::kAlways;
  }
  if (word == "on-failure") {
    return model::RestartMode::kOnFailure;
  }
  return word == "unless-stopped" ? std::optional(model::RestartMode::kUnlessStopped) : std::nullopt;
}

/// A count that is no number means without end, as in Docker Compose.
model::RestartPolicy parse_restart(const std::string& text, const Origin& origin, const std::string& place,
                                   Problems& problems) {
  const std::size_t colon = text.find(':');
  const auto mode = restart_mode(std::string_view(text).substr(0, colon));
  if (!mode) {
    problems.error(origin, fmt::format("{} must be one of no, always, on-failure[:max-attempts], unless-stopped, but "
                                       "is '{}'",
                                       place, text));
    return {};
  }
  const auto attempts =
      colon == std::string::npos ? std::nullopt : parse_integer(std::string_view(text).substr(colon + 1));
  const bool counts = *mode == model::RestartMode::kOnFailure;
  return {.mode = *mode, .max_attempts = counts ? static_cast<int>(attempts.value_or(0)) : 0};
}

/// Health is liveness there, as in the engine that this key was made for.
model::RestartPolicy deployed_restart(const std::string& name, const Node& policy, Problems& problems) {
  const Node* condition = find_path(policy, {"condition"});
  model::RestartPolicy restart{.mode = model::RestartMode::kAlways};
  if (condition != nullptr && !condition->scalar.empty()) {
    restart = parse_restart(condition->scalar, condition->origin,
                            fmt::format("services.{}.deploy.restart_policy.condition", name), problems);
  }
  restart.max_attempts = static_cast<int>(integer_at(policy, "max_attempts").value_or(0));
  restart.delay = parse_duration(text_at(policy, "delay"));
  restart.window = parse_duration(text_at(policy, "window"));
  restart.unhealthy = restart.mode != model::RestartMode::kNo;
  return restart;
}

std::optional<std::int64_t> nonzero(std::optional<std::int64_t> value) {
  return value && *value != 0 ? value : std::nullopt;
}

std::optional<Bytes> bytes_at(const Node& mapping, std::string_view key) {
  const auto value = nonzero(integer_at(mapping, key));
  return value ? std::optional(Bytes{*value}) : std::nullopt;
}

std::optional<std::uint64_t> count_at(const Node& mapping, std::string_view key) {
  const auto value = nonzero(integer_at(mapping, key));
  return value && *value > 0 ? std::optional(static_cast<std::uint64_t>(*value)) : std::nullopt;
}

std::optional<double> processors_at(const Node& mapping) {
  const auto value = number_at(mapping, "cpus");
  return value && *value > 0 ? value : std::nullopt;
}

/// deploy says the same as the service's own keys where both are given, and is all there is where they are not.
void add_deployed(const Node& service, model::Limits& limits) {
  if (const Node* most = find_path(service, {"deploy", "resources", "limits"})) {
    limits.cpus = limits.cpus ? limits.cpus : processors_at(*most);
    limits.memory = limits.memory ? limits.memory : bytes_at(*most, "memory");
    limits.pids = limits.pids ? limits.pids : nonzero(integer_at(*most, "pids"));
  }
  if (const Node* least = find_path(service, {"deploy", "resources", "reservations"})) {
    limits.memory_reservation = limits.memory_reservation ? limits.memory_reservation : bytes_at(*least, "memory");
  }
}

std::vector<model::DeviceRate> rates_at(const Node& config, std::string_view key, std::string_view value_key) {
  std::vector<model::DeviceRate> rates;
  for (const Node& item : items_at(config, key)) {
    rates.push_back(
        {.path = text_at(item, "path"), .value = count_at(item, value_key).value_or(0), .where = item.origin.pos()});
  }
  return rates;
}

model::BlockIo bind_blkio(const Node& service) {
  model::BlockIo blkio;
  const Node* config = find_path(service, {"blkio_config"});
  if (config == nullptr) {
    return blkio;
  }
  blkio.weight = count_at(*config, "weight").value_or(0);
  blkio.weight_device = rates_at(*config, "weight_device", "weight");
  blkio.read_bps = rates_at(*config, "device_read_bps", "rate");
  blkio.read_iops = rates_at(*config, "device_read_iops", "rate");
  blkio.write_bps = rates_at(*config, "device_write_bps", "rate");
  blkio.write_iops = rates_at(*config, "device_write_iops", "rate");
  return blkio;
}

std::optional<model::UpdateConfig> bind_update_config(const Node& service, std::string_view key) {
  const Node* node = find_path(service, {"deploy", key});
  if (node == nullptr) {
    return std::nullopt;
  }
  model::UpdateConfig how;
  how.parallelism = static_cast<int>(integer_at(*node, "parallelism").value_or(1));
  set_duration(*node, "delay", how.delay);
  set_duration(*node, "monitor", how.monitor);
  const std::string& action = text_at(*node, "failure_action");
  how.failure_action = action == "continue"   ? model::FailureAction::kContinue
                       : action == "rollback" ? model::FailureAction::kRollback
                                              : model::FailureAction::kPause;
  how.max_failure_ratio = number_at(*node, "max_failure_ratio").value_or(0);
  how.start_first = text_at(*node, "order") == "start-first";
  return how;
}

model::DeployMode mode_of_deploy(const std::string& word) {
  return word == "global"           ? model::DeployMode::kGlobal
         : word == "replicated-job" ? model::DeployMode::kReplicatedJob
         : word == "global-job"     ? model::DeployMode::kGlobalJob
                                    : model::DeployMode::kReplicated;
}

}  // namespace

void bind_updates(const Node& service, model::Service& bound) {
  if (const Node* deploy = find_path(service, {"deploy"})) {
    bound.deploy_mode = mode_of_deploy(text_at(*deploy, "mode"));
    bound.update_config = bind_update_config(service, "update_config");
    bound.rollback_config = bind_update_config(service, "rollback_config");
  }
  // One machine is every node there is.
  if (bound.deploy_mode == model::DeployMode::kGlobal || bound.deploy_mode == model::DeployMode::kGlobalJob) {
    bound.scale = std::min(bound.scale, 1);
  }
  // A job is tried again until it succeeds, and no longer.
  const bool says = service.find("restart") != nullptr || find_path(service, {"deploy", "restart_policy"}) != nullptr;
  if (model::is_job(bound) && (!says || bound.restart.mode == model::RestartMode::kAlways)) {
    bound.restart = {model::RestartMode::kOnFailure, 0};
  }
}

model::HealthCheck bind_healthcheck(const Node& service) {
  model::HealthCheck check;
  const Node* node = find_path(service, {"healthcheck"});
  if (node == nullptr) {
    return check;
  }
  check.test = texts_at(*node, "test");
  if (bool_at(*node, "disable").value_or(false)) {
    check.test = {"NONE"};
  }
  set_duration(*node, "interval", check.interval);
  set_duration(*node, "timeout", check.timeout);
  set_duration(*node, "start_period", check.start_period);
  set_duration(*node, "start_interval", check.start_interval);
  if (const auto retries = integer_at(*node, "retries"); retries && *retries != 0) {
    check.retries = static_cast<int>(*retries);
  }
  return check;
}

model::RestartPolicy bind_restart(const std::string& name, const Node& service, Problems& problems) {
  model::RestartPolicy out;
  if (const Node* restart = find_path(service, {"restart"})) {
    out = parse_restart(restart->scalar, restart->origin, fmt::format("services.{}.restart", name), problems);
  } else if (const Node* policy = find_path(service, {"deploy", "restart_policy"})) {
    out = deployed_restart(name, *policy, problems);
  }
  out.unhealthy = bool_at(service, "x-restart-unhealthy").value_or(out.unhealthy);
  return out;
}

model::Limits bind_limits(const Node& service) {
  model::Limits limits;
  limits.cpus = processors_at(service);
  limits.cpu_shares = count_at(service, "cpu_shares");
  limits.cpu_quota_us = nonzero(integer_at(service, "cpu_quota"));
  limits.cpu_period_us = count_at(service, "cpu_period");
  limits.cpu_rt_runtime_us = nonzero(integer_at(service, "cpu_rt_runtime"));
  limits.cpu_rt_period_us = count_at(service, "cpu_rt_period");
  if (const std::string& cpus = text_at(service, "cpuset"); !cpus.empty()) {
    limits.cpuset = cpus;
  }
  limits.memory = bytes_at(service, "mem_limit");
  limits.memory_reservation = bytes_at(service, "mem_reservation");
  limits.memswap = bytes_at(service, "memswap_limit");
  if (const auto swappiness = nonzero(integer_at(service, "mem_swappiness"))) {
    limits.mem_swappiness = static_cast<int>(*swappiness);
  }
  limits.pids = nonzero(integer_at(service, "pids_limit"));
  limits.oom_kill_disable = bool_at(service, "oom_kill_disable");
  limits.blkio = bind_blkio(service);
  add_deployed(service, limits);
  return limits;
}

}  // namespace cmp::compose
