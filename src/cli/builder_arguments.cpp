#include <fmt/core.h>

#include "cli/build_graph.hpp"
#include "cli/builder.hpp"
#include "image/reference.hpp"

namespace cmp::cli {

namespace {

using Words = std::vector<std::string>;

void add(Words& words, const char* flag, const std::string& value) {
  words.emplace_back(flag);
  words.push_back(value);
}

Error blame(const model::Service& service, const SourcePos& where, std::string message) {
  return make_error(Code::kInvalid, fmt::format("service '{}': build: {}", service.name, message)).at(where);
}

Result<std::string> secret_argument(const model::Project& project, const model::Service& service,
                                    const model::FileGrant& grant) {
  const auto secret = project.secrets.find(grant.source);
  const std::string id = grant.target.empty() ? grant.source : grant.target.substr(grant.target.rfind('/') + 1);
  if (secret != project.secrets.end() && !secret->second.file.empty()) {
    return fmt::format("id={},src={}", id, secret->second.file);
  }
  if (secret != project.secrets.end() && !secret->second.environment.empty()) {
    return fmt::format("id={},type=env,env={}", id, secret->second.environment);
  }
  return blame(service, grant.where, fmt::format("secret '{}' has neither a file nor a variable", grant.source));
}

void add_contexts(Words& words, const model::Project& project, const model::Build& build) {
  for (const auto& [name, context] : build.additional_contexts) {
    if (const std::string service = context_service(context); !service.empty()) {
      const auto other = project.services.find(service);
      const bool named = other != project.services.end() && !other->second.image.empty();
      const auto reference = image::parse_reference(
          named ? other->second.image : fmt::format("{}{}{}", project.name, project.separator, service),
          project.working_dir);
      const std::string image = reference ? reference->str() : service;
      add(words, "--build-context", fmt::format("{}=container-image://{}", name, image));
    } else {
      add(words, "--build-context", fmt::format("{}={}", name, context));
    }
  }
}

void add_arguments(Words& words, const model::Build& build, const BuildRequest& request,
                   const std::map<std::string, std::string>& environment) {
  std::map<std::string, std::string> args;
  for (const auto& [key, value] : build.args) {
    const auto own = environment.find(key);
    if (value || own != environment.end()) {
      args[key] = value ? *value : own->second;
    }
  }
  for (const auto& [key, value] : request.args) {
    args[key] = value;
  }
  for (const auto& [key, value] : args) {
    add(words, "--build-arg", fmt::format("{}={}", key, value));
  }
}

void add_ssh(Words& words, const model::Build& build, const BuildRequest& request) {
  for (const auto& [id, path] : build.ssh) {
    add(words, "--ssh", path.empty() ? id : fmt::format("{}={}", id, path));
  }
  for (const std::string& key : request.ssh) {
    add(words, "--ssh", key);
  }
}

void add_limits(Words& words, const model::Build& build, const BuildRequest& request) {
  if (request.memory) {
    add(words, "--memory", fmt::format("{}", request.memory->count));
  }
  if (build.shm_size) {
    add(words, "--shm-size", fmt::format("{}", build.shm_size->count));
  }
  for (const auto& [name, limit] : build.ulimits) {
    add(words, "--ulimit", fmt::format("{}={}:{}", name, limit.soft, limit.hard));
  }
  if (build.privileged) {
    add(words, "--cap-add", "all");
    add(words, "--security-opt", "seccomp=unconfined");
  }
}

/// The words of `network`. There is no network of the project while it is built.
Result<std::string> network_of(const model::Service& service) {
  const std::string& network = service.build->network;
  if (network == "none") {
    return network;
  }
  if (network.empty() || network == "host" || network == "default") {
    return std::string("host");
  }
  return blame(service, service.build->where,
               fmt::format("network '{}' is none that builds can have: host, none", network));
}

Status add_lists(Words& words, const model::Project& project, const model::Service& service) {
  const model::Build& build = *service.build;
  for (const auto& [key, value] : build.labels) {
    add(words, "--label", fmt::format("{}={}", key, value));
  }
  for (const auto& [flag, values] :
       {std::pair("--cache-from", &build.cache_from), std::pair("--cache-to", &build.cache_to)}) {
    for (const std::string& value : *values) {
      add(words, flag, value);
    }
  }
  for (std::string host : build.extra_hosts) {
    const auto equals = host.find('=');
    add(words, "--add-host", equals == std::string::npos ? host : host.replace(equals, 1, ":"));
  }
  for (const model::FileGrant& grant : build.secrets) {
    CMP_TRY(const std::string secret, secret_argument(project, service, grant));
    add(words, "--secret", secret);
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> buildah_arguments(const model::Project& project, const model::Service& service,
                                                   const BuildTarget& target, const BuildPlaces& places,
                                                   const BuildRequest& request,
                                                   const std::map<std::string, std::string>& environment) {
  const model::Build& build = *service.build;
  Words words = {"--root", places.storage, "--runroot", places.run, "build", "--isolation", "oci", "--layers"};
  // OCI's format has no HEALTHCHECK, ONBUILD and SHELL.
  add(words, "--format", "docker");
  add(words, "--runtime", places.runtime);
  add(words, "--runtime-flag", fmt::format("root={}/oci", places.run));
  add(words, "--file", target.dockerfile);
  add(words, "--iidfile", target.id_file);
  if (target.named) {
    add(words, "--tag", target.name);
  }
  if (!places.policy.empty()) {
    add(words, "--signature-policy", places.policy);
  }
  add_arguments(words, build, request, environment);
  add_contexts(words, project, build);
  for (const auto& [name, id] : target.bases) {
    add(words, "--build-context", fmt::format("{}=container-image://{}", name, id));
  }
  CMP_CHECK(add_lists(words, project, service));
  add_ssh(words, build, request);
  add_limits(words, build, request);
  if (!build.target.empty()) {
    add(words, "--target", build.target);
  }
  CMP_TRY(const std::string network, network_of(service));
  add(words, "--network", network);
  if (!target.platform.empty()) {
    add(words, "--platform", target.platform);
  }
  if (build.no_cache || request.no_cache) {
    words.emplace_back("--no-cache");
  }
  // Base images are there already; what is not is what only buildah knows of.
  words.emplace_back("--pull=false");
  words.push_back(build.context);
  return words;
}

}  // namespace cmp::cli
