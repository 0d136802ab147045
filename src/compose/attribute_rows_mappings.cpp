#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.3 to 1.9, the keys inside the mappings of a service; build, deploy and their like have files of
// their own.
constexpr Attribute kMappingsRows[] = {
    honoured("services.*.blkio_config.weight", Form::kInteger),
    honoured("services.*.blkio_config.weight_device", Form::kMapList),
    honoured("services.*.blkio_config.weight_device[].path", Form::kString)
        .printed_when(Printed::kGiven)
        .json_as("Path"),
    honoured("services.*.blkio_config.weight_device[].weight", Form::kInteger)
        .printed_when(Printed::kGiven)
        .json_as("Weight"),
    honoured("services.*.blkio_config.device_read_bps", Form::kMapList),
    honoured("services.*.blkio_config.device_read_bps[].path", Form::kString)
        .printed_when(Printed::kGiven)
        .json_as("Path"),
    honoured("services.*.blkio_config.device_read_bps[].rate", Form::kBytes)
        .printed_when(Printed::kGiven)
        .json_as("Rate"),
    honoured("services.*.blkio_config.device_read_iops", Form::kMapList),
    honoured("services.*.blkio_config.device_read_iops[].path", Form::kString)
        .printed_when(Printed::kGiven)
        .json_as("Path"),
    honoured("services.*.blkio_config.device_read_iops[].rate", Form::kBytes)
        .printed_when(Printed::kGiven)
        .json_as("Rate"),
    honoured("services.*.blkio_config.device_write_bps", Form::kMapList),
    honoured("services.*.blkio_config.device_write_bps[].path", Form::kString)
        .printed_when(Printed::kGiven)
        .json_as("Path"),
    honoured("services.*.blkio_config.device_write_bps[].rate", Form::kBytes)
        .printed_when(Printed::kGiven)
        .json_as("Rate"),
    honoured("services.*.blkio_config.device_write_iops", Form::kMapList),
    honoured("services.*.blkio_config.device_write_iops[].path", Form::kString)
        .printed_when(Printed::kGiven)
        .json_as("Path"),
    honoured("services.*.blkio_config.device_write_iops[].rate", Form::kBytes)
        .printed_when(Printed::kGiven)
        .json_as("Rate"),
    honoured("services.*.configs[].source", Form::kString),
    honoured("services.*.configs[].target", Form::kString),
    honoured("services.*.configs[].uid", Form::kString),
    honoured("services.*.configs[].gid", Form::kString),
    honoured("services.*.configs[].mode", Form::kFileMode).printed_when(Printed::kGiven),
    refused("services.*.credential_spec.config", Form::kString, "Windows only"),
    refused("services.*.credential_spec.file", Form::kString, "Windows only"),
    refused("services.*.credential_spec.registry", Form::kString, "Windows only"),
    honoured("services.*.depends_on.*.condition", Form::kString)
        .one_of("service_started|service_healthy|service_completed_successfully"),
    honoured("services.*.depends_on.*.restart", Form::kBool),
    honoured("services.*.depends_on.*.required", Form::kBool).printed_when(Printed::kGiven),
    honoured("services.*.devices[].source", Form::kString),
    honoured("services.*.devices[].target", Form::kString),
    honoured("services.*.devices[].permissions", Form::kString),
    refused("services.*.provider.type", Form::kString, "there are no providers"),
    refused("services.*.provider.options", Form::kProviderOptions, "there are no providers"),
    honoured("services.*.env_file[].path", Form::kString),
    honoured("services.*.env_file[].required", Form::kBool).printed_when(Printed::kGiven),
    honoured("services.*.env_file[].format", Form::kString),
    honoured("services.*.extends.file", Form::kString),
    honoured("services.*.extends.service", Form::kString),
    conditional("services.*.gpus[].capabilities", Form::kUniqueStrings, "up refuses gpus"),
    conditional("services.*.gpus[].driver", Form::kString, "up refuses gpus"),
    conditional("services.*.gpus[].count", Form::kCount, "up refuses gpus"),
    conditional("services.*.gpus[].device_ids", Form::kUniqueStrings, "up refuses gpus"),
    conditional("services.*.gpus[].options", Form::kLabels, "up refuses gpus"),
    honoured("services.*.healthcheck.test", Form::kProbe),
    honoured("services.*.healthcheck.timeout", Form::kDuration).printed_when(Printed::kGiven),
    honoured("services.*.healthcheck.interval", Form::kDuration).printed_when(Printed::kGiven),
    honoured("services.*.healthcheck.retries", Form::kInteger).printed_when(Printed::kGiven),
    honoured("services.*.healthcheck.start_period", Form::kDuration).printed_when(Printed::kGiven),
    honoured("services.*.healthcheck.start_interval", Form::kDuration).printed_when(Printed::kGiven),
    honoured("services.*.healthcheck.disable", Form::kBool),
    conditional("services.*.logging.driver", Form::kString,
                "json-file, local and none; journald and syslog where the host has them")
        .works_with("json-file|local|none|journald|syslog"),
    conditional("services.*.logging.options", Form::kOptions,
                "those of the driver; compress, and attributes of json-file and local, have no effect"),
    refused("services.*.models.*.endpoint_var", Form::kString, "there is no model runner"),
    refused("services.*.models.*.model_var", Form::kString, "there is no model runner"),
    honoured("services.*.networks.*.aliases", Form::kStrings),
    honoured("services.*.networks.*.driver_opts", Form::kOptions, "com.docker.network.endpoint.ifname and .sysctls"),
    honoured("services.*.networks.*.gw_priority", Form::kInteger),
    honoured("services.*.networks.*.interface_name", Form::kString),
    honoured("services.*.networks.*.ipv4_address", Form::kString),
    honoured("services.*.networks.*.ipv6_address", Form::kString),
    honoured("services.*.networks.*.link_local_ips", Form::kStrings),
    honoured("services.*.networks.*.mac_address", Form::kString),
    honoured("services.*.networks.*.priority", Form::kInteger),
    honoured("services.*.ports[].name", Form::kString, "kept, without effect"),
    honoured("services.*.ports[].mode", Form::kString, "no difference on one host"),
    honoured("services.*.ports[].host_ip", Form::kString),
    honoured("services.*.ports[].target", Form::kInteger).between(0, 65535),
    honoured("services.*.ports[].published", Form::kPublished),
    honoured("services.*.ports[].protocol", Form::kString, "tcp, udp, and sctp where the kernel has it"),
    honoured("services.*.ports[].app_protocol", Form::kString, "kept, without effect"),
    honoured("services.*.secrets[].source", Form::kString),
    honoured("services.*.secrets[].target", Form::kString),
    honoured("services.*.secrets[].uid", Form::kString),
    honoured("services.*.secrets[].gid", Form::kString),
    honoured("services.*.secrets[].mode", Form::kFileMode).printed_when(Printed::kGiven),
    honoured("services.*.ulimits.*.soft", Form::kInteger),
    honoured("services.*.ulimits.*.hard", Form::kInteger),
    conditional("services.*.volumes[].type", Form::kString, "bind, volume, tmpfs and image")
        .one_of("bind|volume|tmpfs|cluster|npipe|image")
        .works_with("bind|volume|tmpfs|image"),
    honoured("services.*.volumes[].source", Form::kString),
    honoured("services.*.volumes[].target", Form::kString),
    honoured("services.*.volumes[].read_only", Form::kBool),
    honoured("services.*.volumes[].consistency", Form::kString, "no difference on Linux"),
    honoured("services.*.volumes[].bind", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.volumes[].bind.selinux", Form::kString, "without effect on a host that has no SELinux")
        .one_of("z|Z"),
    honoured("services.*.volumes[].bind.propagation", Form::kString)
        .one_of("private|rprivate|shared|rshared|slave|rslave"),
    honoured("services.*.volumes[].bind.create_host_path", Form::kBool).printed_when(Printed::kFalse),
    honoured("services.*.volumes[].bind.recursive", Form::kString).one_of("enabled|disabled|writable|readonly"),
    honoured("services.*.volumes[].volume", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.volumes[].volume.labels", Form::kLabels, "of an anonymous volume"),
    honoured("services.*.volumes[].volume.nocopy", Form::kBool),
    honoured("services.*.volumes[].volume.subpath", Form::kString),
    honoured("services.*.volumes[].tmpfs", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.volumes[].tmpfs.size", Form::kBytes).between(0, kUnbounded),
    honoured("services.*.volumes[].tmpfs.mode", Form::kTmpfsMode),
    honoured("services.*.volumes[].image", Form::kMap).printed_when(Printed::kGiven),
    honoured("services.*.volumes[].image.subpath", Form::kString),
    honoured("services.*.pre_start[].command", Form::kCommand).printed_when(Printed::kJson),
    honoured("services.*.pre_start[].image", Form::kString),
    honoured("services.*.pre_start[].user", Form::kString),
    honoured("services.*.pre_start[].privileged", Form::kBool),
    honoured("services.*.pre_start[].working_dir", Form::kString),
    honoured("services.*.pre_start[].environment", Form::kEnvironment),
    honoured("services.*.pre_start[].per_replica", Form::kBool),
    honoured("services.*.post_start[].command", Form::kCommand).printed_when(Printed::kJson),
    honoured("services.*.post_start[].user", Form::kString),
    honoured("services.*.post_start[].privileged", Form::kBool),
    honoured("services.*.post_start[].working_dir", Form::kString),
    honoured("services.*.post_start[].environment", Form::kEnvironment),
    honoured("services.*.pre_stop[].command", Form::kCommand).printed_when(Printed::kJson),
    honoured("services.*.pre_stop[].user", Form::kString),
    honoured("services.*.pre_stop[].privileged", Form::kBool),
    honoured("services.*.pre_stop[].working_dir", Form::kString),
    honoured("services.*.pre_stop[].environment", Form::kEnvironment),
};

}  // namespace

std::span<const Attribute> service_mappings() {
  return kMappingsRows;
}

}  // namespace cmp::compose::rows
