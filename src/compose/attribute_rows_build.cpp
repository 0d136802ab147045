#include "compose/attribute_rows.hpp"

namespace cmp::compose::rows {
namespace {

// compose-spec.md 1.10 and 1.12: build and develop.
constexpr Attribute kRows[] = {
    not_yet("services.*.build.context", Form::kString, "images are not built"),
    not_yet("services.*.build.dockerfile", Form::kString, "images are not built"),
    not_yet("services.*.build.dockerfile_inline", Form::kString, "images are not built"),
    not_yet("services.*.build.entitlements", Form::kStrings, "images are not built"),
    not_yet("services.*.build.args", Form::kEnvironment, "images are not built"),
    not_yet("services.*.build.provenance", Form::kBoolOrText, "images are not built"),
    not_yet("services.*.build.sbom", Form::kBoolOrText, "images are not built"),
    not_yet("services.*.build.ssh", Form::kSsh, "images are not built"),
    not_yet("services.*.build.labels", Form::kLabels, "images are not built"),
    not_yet("services.*.build.cache_from", Form::kStrings, "images are not built"),
    not_yet("services.*.build.cache_to", Form::kStrings, "images are not built"),
    not_yet("services.*.build.no_cache", Form::kBool, "images are not built"),
    not_yet("services.*.build.no_cache_filter", Form::kStringOrList, "images are not built"),
    not_yet("services.*.build.additional_contexts", Form::kLabels, "images are not built"),
    not_yet("services.*.build.pull", Form::kBool, "images are not built"),
    not_yet("services.*.build.extra_hosts", Form::kExtraHosts, "images are not built"),
    refused("services.*.build.isolation", Form::kString, "Windows only"),
    not_yet("services.*.build.network", Form::kString, "images are not built"),
    not_yet("services.*.build.target", Form::kString, "images are not built"),
    not_yet("services.*.build.secrets", Form::kGrants, "images are not built"),
    not_yet("services.*.build.secrets[].source", Form::kString, "images are not built"),
    not_yet("services.*.build.secrets[].target", Form::kString, "images are not built"),
    not_yet("services.*.build.secrets[].uid", Form::kString, "images are not built"),
    not_yet("services.*.build.secrets[].gid", Form::kString, "images are not built"),
    not_yet("services.*.build.secrets[].mode", Form::kFileMode, "images are not built").printed_when(Printed::kGiven),
    not_yet("services.*.build.shm_size", Form::kBytes, "images are not built"),
    not_yet("services.*.build.tags", Form::kStrings, "images are not built"),
    not_yet("services.*.build.ulimits", Form::kUlimits, "images are not built").needs("soft|hard"),
    not_yet("services.*.build.ulimits.*.soft", Form::kInteger, "images are not built"),
    not_yet("services.*.build.ulimits.*.hard", Form::kInteger, "images are not built"),
    not_yet("services.*.build.platforms", Form::kStrings, "images are not built"),
    not_yet("services.*.build.privileged", Form::kBool, "images are not built"),
    not_yet("services.*.develop.watch", Form::kMapList, "files are not watched").needs("path|action"),
    not_yet("services.*.develop.watch[].path", Form::kString, "files are not watched"),
    not_yet("services.*.develop.watch[].action", Form::kString, "files are not watched")
        .one_of("rebuild|sync|restart|sync+restart|sync+exec"),
    not_yet("services.*.develop.watch[].target", Form::kString, "files are not watched"),
    not_yet("services.*.develop.watch[].exec", Form::kMap, "files are not watched")
        .needs("command")
        .printed_when(Printed::kJson),
    not_yet("services.*.develop.watch[].exec.command", Form::kCommand, "files are not watched")
        .printed_when(Printed::kJson),
    not_yet("services.*.develop.watch[].exec.user", Form::kString, "files are not watched"),
    not_yet("services.*.develop.watch[].exec.privileged", Form::kBool, "files are not watched"),
    not_yet("services.*.develop.watch[].exec.working_dir", Form::kString, "files are not watched"),
    not_yet("services.*.develop.watch[].exec.environment", Form::kEnvironment, "files are not watched"),
    not_yet("services.*.develop.watch[].include", Form::kStringOrList, "files are not watched"),
    not_yet("services.*.develop.watch[].ignore", Form::kStringOrList, "files are not watched"),
    not_yet("services.*.develop.watch[].initial_sync", Form::kBool, "files are not watched"),
};

}  // namespace

std::span<const Attribute> build() {
  return kRows;
}

}  // namespace cmp::compose::rows
