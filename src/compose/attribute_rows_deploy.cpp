#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.11: deploy without its resources.
constexpr Attribute kDeployRows[] = {
    honoured("services.*.deploy.mode", Form::kString, "one machine is the whole cluster: global is one container")
        .one_of("replicated|global|replicated-job|global-job"),
    honoured("services.*.deploy.replicas", Form::kInteger).between(0, kUnbounded).printed_when(Printed::kGiven),
    honoured("services.*.deploy.labels", Form::kLabels, "kept, without effect"),
    honoured("services.*.deploy.update_config", Form::kMap, "the containers of a changed service are replaced in turn")
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.update_config.parallelism", Form::kInteger)
        .between(0, kUnbounded)
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.update_config.delay", Form::kDuration),
    honoured("services.*.deploy.update_config.failure_action", Form::kString).one_of("pause|continue|rollback"),
    honoured("services.*.deploy.update_config.monitor", Form::kDuration),
    honoured("services.*.deploy.update_config.max_failure_ratio", Form::kNumber).between(0, 1),
    honoured("services.*.deploy.update_config.order", Form::kString).one_of("start-first|stop-first"),
    honoured("services.*.deploy.rollback_config", Form::kMap, "how an update that failed is taken back")
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.rollback_config.parallelism", Form::kInteger)
        .between(0, kUnbounded)
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.rollback_config.delay", Form::kDuration),
    not_yet("services.*.deploy.rollback_config.failure_action", Form::kString, "taking back goes on whatever happens"),
    honoured("services.*.deploy.rollback_config.monitor", Form::kDuration),
    not_yet("services.*.deploy.rollback_config.max_failure_ratio", Form::kNumber,
            "taking back goes on whatever happens"),
    not_yet("services.*.deploy.rollback_config.order", Form::kString, "what has failed goes first")
        .one_of("start-first|stop-first"),
    honoured("services.*.deploy.resources", Form::kMap).printed_when(Printed::kJson),
    honoured("services.*.deploy.restart_policy", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.deploy.restart_policy.condition", Form::kString),
    honoured("services.*.deploy.restart_policy.delay", Form::kDuration, "without it, 100 ms that double up to a minute")
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.restart_policy.max_attempts", Form::kInteger)
        .between(0, kUnbounded)
        .printed_when(Printed::kGiven),
    honoured("services.*.deploy.restart_policy.window", Form::kDuration,
             "after a run as long as this, attempts count from none again")
        .printed_when(Printed::kGiven),
    not_yet("services.*.deploy.placement", Form::kMap, "there is one host").printed_when(Printed::kJson),
    not_yet("services.*.deploy.placement.constraints", Form::kStrings, "there is one host"),
    not_yet("services.*.deploy.placement.preferences", Form::kMapList, "there is one host"),
    not_yet("services.*.deploy.placement.preferences[].spread", Form::kString, "there is one host"),
    not_yet("services.*.deploy.placement.max_replicas_per_node", Form::kInteger, "there is one host"),
    honoured("services.*.deploy.endpoint_mode", Form::kString,
             "vip: names stand for one address that leads to the ready replicas in turn; dnsrr, the default: for "
             "the addresses of all replicas")
        .one_of("vip|dnsrr"),
};

}  // namespace

std::span<const Attribute> deploy() {
  return kDeployRows;
}

}  // namespace cmp::compose::rows
