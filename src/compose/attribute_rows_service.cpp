#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.3 to 1.9, the keys of a service themselves.
constexpr Attribute kRows[] = {
    honoured("services.*.profiles", Form::kStrings),
    honoured("services.*.annotations", Form::kLabels, "kept, without effect"),
    honoured("services.*.attach", Form::kBool).printed_when(Printed::kGiven),
    not_yet("services.*.build", Form::kBuild, "images are not built").printed_when(Printed::kGiven),
    not_yet("services.*.develop", Form::kNullableMap, "files are not watched").printed_when(Printed::kGiven),
    not_yet("services.*.blkio_config", Form::kMap, "block devices are not limited").printed_when(Printed::kGiven),
    honoured("services.*.cap_add", Form::kStrings),
    honoured("services.*.cap_drop", Form::kStrings),
    not_yet("services.*.cgroup_parent", Form::kString, "the container's cgroup lies under the project's"),
    not_yet("services.*.cgroup", Form::kString, "the container has its own cgroup namespace where the kernel has them")
        .one_of("host|private")
        .works_with("private"),
    refused("services.*.cpu_count", Form::kInteger, "Windows only: use cpus").between(0, kUnbounded),
    refused("services.*.cpu_percent", Form::kNumber, "Windows only: use cpus").between(0, 100),
    honoured("services.*.cpu_period", Form::kMicroseconds),
    honoured("services.*.cpu_quota", Form::kMicroseconds),
    not_yet("services.*.cpu_rt_period", Form::kMicroseconds, "real-time scheduling is not limited"),
    not_yet("services.*.cpu_rt_runtime", Form::kMicroseconds, "real-time scheduling is not limited"),
    honoured("services.*.cpus", Form::kNumber).between(0, kUnbounded),
    honoured("services.*.cpuset", Form::kString),
    honoured("services.*.cpu_shares", Form::kInteger),
    honoured("services.*.command", Form::kCommand).printed_when(Printed::kJson),
    not_yet("services.*.configs", Form::kGrants, "up refuses a service that is granted one"),
    honoured("services.*.container_name", Form::kString).like(Pattern::kContainerName),
    refused("services.*.credential_spec", Form::kMap, "Windows only").printed_when(Printed::kGiven),
    honoured("services.*.depends_on", Form::kDependencies).needs("condition").like(Pattern::kNames),
    conditional("services.*.deploy", Form::kNullableMap, "of it, resources, replicas and restart_policy")
        .printed_when(Printed::kGiven),
    honoured("services.*.device_cgroup_rules", Form::kUniqueStrings),
    conditional("services.*.devices", Form::kDevices,
                "device files; names of the Container Device Interface are refused")
        .needs("source"),
    not_yet("services.*.dns", Form::kStringOrList, "the project's own name server is used"),
    honoured("services.*.dns_opt", Form::kStrings),
    honoured("services.*.dns_search", Form::kStringOrList),
    honoured("services.*.domainname", Form::kString),
    honoured("services.*.entrypoint", Form::kCommand).printed_when(Printed::kJson),
    refused("services.*.provider", Form::kMap, "there are no providers").needs("type").printed_when(Printed::kGiven),
    honoured("services.*.environment", Form::kEnvironment),
    honoured("services.*.env_file", Form::kEnvFiles).needs("path"),
    honoured("services.*.expose", Form::kTexts),
    honoured("services.*.extends", Form::kExtends).needs("service").printed_when(Printed::kGiven),
    not_yet("services.*.external_links", Form::kUniqueStrings,
            "use networks: the other container's name is known there"),
    honoured("services.*.extra_hosts", Form::kExtraHosts),
    honoured("services.*.group_add", Form::kTexts),
    conditional("services.*.gpus", Form::kGpus, "up refuses it: there are no device drivers, devices does it"),
    honoured("services.*.hostname", Form::kString),
    honoured("services.*.healthcheck", Form::kMap).printed_when(Printed::kGiven),
    conditional("services.*.image", Form::kString, "with x-rootfs: the service runs on that file system"),
    honoured("services.*.init", Form::kBool).printed_when(Printed::kGiven),
    not_yet("services.*.ipc", Form::kString, "the container has its own IPC namespace").works_with("private"),
    refused("services.*.isolation", Form::kString, "Windows only").works_with("default"),
    honoured("services.*.labels", Form::kLabels),
    honoured("services.*.label_file", Form::kStringOrList),
    not_yet("services.*.links", Form::kStrings, "use the service's name: every service of a network is known there"),
    conditional("services.*.logging", Form::kOpenMap, "the drivers json-file, local and none")
        .printed_when(Printed::kGiven),
    honoured("services.*.mem_limit", Form::kBytes),
    honoured("services.*.mem_reservation", Form::kBytes),
    honoured("services.*.memswap_limit", Form::kBytes),
    honoured("services.*.mem_swappiness", Form::kBytes),
    not_yet("services.*.mac_address", Form::kString, "addresses are chosen by the kernel"),
    refused("services.*.models", Form::kMemberships, "there is no model runner"),
    conditional("services.*.network_mode", Form::kString, "none and host").works_with("none|host"),
    honoured("services.*.networks", Form::kMemberships).like(Pattern::kNames),
    conditional("services.*.oom_kill_disable", Form::kBool, "cgroup v1"),
    honoured("services.*.oom_score_adj", Form::kInteger).between(-1000, 1000),
    not_yet("services.*.pid", Form::kNullableString, "the container has its own PID namespace"),
    honoured("services.*.pids_limit", Form::kInteger),
    not_yet("services.*.platform", Form::kString, "images are those of this machine"),
    honoured("services.*.ports", Form::kPorts).needs("target"),
    honoured("services.*.privileged", Form::kBool),
    not_yet("services.*.pull_policy", Form::kString, "images are not pulled")
        .like(Pattern::kPullPolicy)
        .works_with("missing|if_not_present"),
    not_yet("services.*.pull_refresh_after", Form::kDuration, "images are not pulled").printed_when(Printed::kNever),
    honoured("services.*.read_only", Form::kBool),
    honoured("services.*.restart", Form::kString),
    not_yet("services.*.runtime", Form::kString, "there is one runtime, cmp").works_with("cmp|runc"),
    honoured("services.*.scale", Form::kInteger).between(0, kUnbounded).printed_when(Printed::kGiven),
    not_yet("services.*.secrets", Form::kGrants, "up refuses a service that is granted one"),
    conditional("services.*.security_opt", Form::kUniqueStrings,
                "apparmor and label where the host has them; up refuses the rest"),
    honoured("services.*.shm_size", Form::kBytes),
    honoured("services.*.stdin_open", Form::kBool),
    honoured("services.*.stop_grace_period", Form::kDuration).printed_when(Printed::kGiven),
    honoured("services.*.stop_signal", Form::kString),
    not_yet("services.*.storage_opt", Form::kOptions, "there are no storage drivers"),
    honoured("services.*.sysctls", Form::kLabels),
    honoured("services.*.tmpfs", Form::kStringOrList),
    honoured("services.*.tty", Form::kBool),
    honoured("services.*.ulimits", Form::kUlimits).needs("soft|hard"),
    refused("services.*.use_api_socket", Form::kBool, "there is no engine with an API"),
    honoured("services.*.user", Form::kString),
    not_yet("services.*.userns_mode", Form::kString, "there is no user namespace").works_with("host"),
    not_yet("services.*.uts", Form::kString, "the container has its own UTS namespace"),
    honoured("services.*.volumes", Form::kMounts).needs("type|target"),
    not_yet("services.*.volumes_from", Form::kUniqueStrings, "list the volumes themselves"),
    honoured("services.*.working_dir", Form::kString),
    not_yet("services.*.pre_start", Form::kMapList, "the hook is not run"),
    not_yet("services.*.post_start", Form::kMapList, "the hook is not run").needs("command"),
    not_yet("services.*.pre_stop", Form::kMapList, "the hook is not run").needs("command"),
};

}  // namespace

std::span<const Attribute> service() {
  return kRows;
}

}  // namespace cmp::compose::rows
