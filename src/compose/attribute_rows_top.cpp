#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.1, 1.2 and 1.13 to 1.17.
constexpr Attribute kTopRows[] = {
    honoured("version", Form::kString, "obsolete: only warned about").printed_when(Printed::kNever),
    honoured("name", Form::kString),
    honoured("include", Form::kIncludes).needs("path").printed_when(Printed::kNever),
    honoured("include[].path", Form::kStringOrList),
    honoured("include[].project_directory", Form::kString),
    honoured("include[].env_file", Form::kStringOrList),
    honoured("services", Form::kNamedMaps).like(Pattern::kNames).printed_when(Printed::kGiven),
    honoured("networks", Form::kNamedNullableMaps),
    honoured("networks.*.name", Form::kString),
    conditional("networks.*.driver", Form::kString, "bridge, macvlan, ipvlan, host and none")
        .works_with("bridge|macvlan|ipvlan|host|none|default"),
    honoured(
        "networks.*.driver_opts", Form::kOptions,
        "com.docker.network.bridge.name, .enable_icc, .enable_ip_masquerade, .host_binding_ipv4, "
        ".gateway_mode_ipv4, com.docker.network.driver.mtu; macvlan and ipvlan: parent, macvlan_mode, ipvlan_mode"),
    honoured("networks.*.ipam", Form::kMap).printed_when(Printed::kJson),
    conditional("networks.*.ipam.driver", Form::kString, "default").works_with("default"),
    honoured("networks.*.ipam.config", Form::kMapList, "one subnet for IPv4 and one for IPv6"),
    honoured("networks.*.ipam.config[].subnet", Form::kString),
    honoured("networks.*.ipam.config[].gateway", Form::kString),
    honoured("networks.*.ipam.config[].ip_range", Form::kString),
    honoured("networks.*.ipam.config[].aux_addresses", Form::kStringMap),
    not_yet("networks.*.ipam.options", Form::kStringMap, "no IPAM driver takes options"),
    honoured("networks.*.external", Form::kExternal),
    honoured("networks.*.external.name", Form::kString, "deprecated: set name and external: true"),
    honoured("networks.*.internal", Form::kBool),
    honoured("networks.*.attachable", Form::kBool, "no effect on a bridge"),
    honoured("networks.*.labels", Form::kLabels),
    honoured("networks.*.enable_ipv4", Form::kBool, "false needs enable_ipv6: true").printed_when(Printed::kGiven),
    honoured("networks.*.enable_ipv6", Form::kBool, "a unique local network when none is given")
        .printed_when(Printed::kGiven),
    honoured("volumes", Form::kNamedNullableMaps),
    honoured("volumes.*.name", Form::kString),
    honoured("volumes.*.driver", Form::kString, "local; another one is an error"),
    honoured("volumes.*.driver_opts", Form::kOptions, "type, device, o: what mount(8) would mount"),
    honoured("volumes.*.external", Form::kExternal),
    honoured("volumes.*.external.name", Form::kString, "deprecated: set name and external: true"),
    honoured("volumes.*.labels", Form::kLabels),
    honoured("secrets", Form::kNamedMaps).like(Pattern::kNames),
    honoured("secrets.*.name", Form::kString),
    honoured("secrets.*.file", Form::kString),
    honoured("secrets.*.environment", Form::kString),
    honoured("secrets.*.external", Form::kExternal, "read from external/secrets/NAME in the state directory"),
    honoured("secrets.*.external.name", Form::kString),
    honoured("secrets.*.labels", Form::kLabels, "kept, without effect"),
    refused("secrets.*.driver", Form::kString, "there are no secret drivers"),
    refused("secrets.*.driver_opts", Form::kOptions, "there are no secret drivers"),
    refused("secrets.*.template_driver", Form::kString, "there are no template drivers"),
    honoured("configs", Form::kNamedMaps).like(Pattern::kNames),
    honoured("configs.*.name", Form::kString),
    honoured("configs.*.file", Form::kString),
    honoured("configs.*.environment", Form::kString),
    honoured("configs.*.content", Form::kString),
    honoured("configs.*.external", Form::kExternal, "read from external/configs/NAME in the state directory"),
    honoured("configs.*.external.name", Form::kString),
    honoured("configs.*.labels", Form::kLabels, "kept, without effect"),
    refused("configs.*.template_driver", Form::kString, "there are no template drivers"),
    refused("models", Form::kNamedMaps, "there is no model runner").needs("model").printed_when(Printed::kYaml),
    refused("models.*.name", Form::kString, "there is no model runner"),
    refused("models.*.model", Form::kString, "there is no model runner"),
    refused("models.*.context_size", Form::kInteger, "there is no model runner"),
    refused("models.*.runtime_flags", Form::kStrings, "there is no model runner"),
};

}  // namespace

std::span<const Attribute> top_level() {
  return kTopRows;
}

}  // namespace cmp::compose::rows
