#include "engine/life_checks.hpp"

#include <utility>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "engine/logging.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::engine {

namespace {

using container::position;

void check_signal(const model::Service& service, std::vector<Error>& errors) {
  if (service.stop_signal.empty()) {
    return;
  }
  if (auto signal = sys::parse_signal(service.stop_signal); !signal) {
    errors.push_back(std::move(signal)
                         .error()
                         .context(fmt::format("service '{}': stop_signal", service.name))
                         .at(position(service, "stop_signal")));
  }
}

void check_health(const model::Service& service, std::vector<Error>& errors) {
  if (service.healthcheck.retries < 0) {
    errors.push_back(make_error(Code::kInvalid, fmt::format("service '{}': healthcheck: retries {} is below 0",
                                                            service.name, service.healthcheck.retries))
                         .at(position(service, "healthcheck")));
  }
}

void check_logging(const model::Service& service, std::vector<Error>& errors) {
  auto plan = log_plan(service.logging);
  Status checked = plan ? Status() : Status(plan.error());
  if (plan && plan->sent && plan->sent->address.starts_with('/') && !sys::exists(plan->sent->address)) {
    checked =
        make_error(Code::kUnsupported, fmt::format("logging: the driver {} has nobody to send to: this host has no {}",
                                                   service.logging.driver, plan->sent->address));
  }
  if (!checked) {
    errors.push_back(
        std::move(checked).error().context(fmt::format("service '{}'", service.name)).at(position(service, "logging")));
  }
}

}  // namespace

std::vector<Error> life_errors(const model::Service& service) {
  std::vector<Error> errors;
  check_signal(service, errors);
  check_health(service, errors);
  check_logging(service, errors);
  return errors;
}

}  // namespace cmp::engine
