#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.10 and 1.12: build and develop.
constexpr Attribute kBuildRows[] = {
    honoured("services.*.build.context", Form::kString),
    honoured("services.*.build.dockerfile", Form::kString),
    honoured("services.*.build.dockerfile_inline", Form::kString),
    conditional("services.*.build.entitlements", Form::kStrings,
                "network.host, which every build has; a step that asks for more is refused by the builder")
        .works_with("network.host"),
    honoured("services.*.build.args", Form::kEnvironment),
    refused("services.*.build.provenance", Form::kBoolOrText, "the builder makes no attestations").works_with("false"),
    refused("services.*.build.sbom", Form::kBoolOrText, "the builder makes no attestations").works_with("false"),
    honoured("services.*.build.ssh", Form::kSsh),
    honoured("services.*.build.labels", Form::kLabels),
    honoured("services.*.build.cache_from", Form::kStrings),
    honoured("services.*.build.cache_to", Form::kStrings),
    honoured("services.*.build.no_cache", Form::kBool),
    honoured("services.*.build.no_cache_filter", Form::kStringOrUniqueList,
             "no other stage is taken from the cache, either"),
    honoured("services.*.build.additional_contexts", Form::kLabels),
    honoured("services.*.build.pull", Form::kBool),
    honoured("services.*.build.extra_hosts", Form::kExtraHosts),
    refused("services.*.build.isolation", Form::kString, "Windows only"),
    conditional("services.*.build.network", Form::kString, "host and none; a build has no network of the project")
        .works_with("host|none|default"),
    honoured("services.*.build.target", Form::kString),
    honoured("services.*.build.secrets", Form::kGrants),
    honoured("services.*.build.secrets[].source", Form::kString),
    honoured("services.*.build.secrets[].target", Form::kString),
    not_yet("services.*.build.secrets[].uid", Form::kString, "the Dockerfile's --mount decides"),
    not_yet("services.*.build.secrets[].gid", Form::kString, "the Dockerfile's --mount decides"),
    not_yet("services.*.build.secrets[].mode", Form::kFileMode, "the Dockerfile's --mount decides")
        .printed_when(Printed::kGiven),
    honoured("services.*.build.shm_size", Form::kBytes),
    honoured("services.*.build.tags", Form::kStrings),
    honoured("services.*.build.ulimits", Form::kUlimits).needs("soft|hard"),
    honoured("services.*.build.ulimits.*.soft", Form::kInteger),
    honoured("services.*.build.ulimits.*.hard", Form::kInteger),
    conditional("services.*.build.platforms", Form::kStrings,
                "cmp build makes them all, up the one that runs here; RUN on another machine's needs qemu-user"),
    honoured("services.*.build.privileged", Form::kBool),
    honoured("services.*.develop.watch", Form::kMapList).needs("path|action"),
    honoured("services.*.develop.watch[].path", Form::kString),
    honoured("services.*.develop.watch[].action", Form::kString).one_of("rebuild|sync|restart|sync+restart|sync+exec"),
    honoured("services.*.develop.watch[].target", Form::kString),
    honoured("services.*.develop.watch[].exec", Form::kMap).needs("command").printed_when(Printed::kJson),
    honoured("services.*.develop.watch[].exec.command", Form::kCommand).printed_when(Printed::kJson),
    honoured("services.*.develop.watch[].exec.user", Form::kString),
    honoured("services.*.develop.watch[].exec.privileged", Form::kBool),
    honoured("services.*.develop.watch[].exec.working_dir", Form::kString),
    honoured("services.*.develop.watch[].exec.environment", Form::kEnvironment),
    honoured("services.*.develop.watch[].include", Form::kStringOrUniqueList),
    honoured("services.*.develop.watch[].ignore", Form::kStringOrUniqueList),
    honoured("services.*.develop.watch[].initial_sync", Form::kBool),
};

}  // namespace

std::span<const Attribute> build() {
  return kBuildRows;
}

}  // namespace cmp::compose::rows
