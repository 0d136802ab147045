#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/builder.hpp"

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
  constexpr std::string_view kService = "service:";
  for (const auto& [name, context] : build.additional_contexts) {
    if (context.starts_with(kService)) {
      const auto other = project.services.find(context.substr(kService.size()));
      const std::string image =
          other == project.services.end() || other->second.image.empty()
              ? fmt::format("docker.io/library/{}-{}:latest", project.name, context.substr(kService.size()))
              : other->second.image;
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

void add_limits(Words& words, const model::Build& build) {
  if (build.shm_size) {
    add(words, "--shm-size", fmt::format("{}b", build.shm_size->count));
  }
  for (const auto& [name, limit] : build.ulimits) {
    add(words, "--ulimit", fmt::format("{}={}:{}", name, limit.soft, limit.hard));
  }
  if (build.privileged) {
    add(words, "--cap-add", "all");
  }
}

}  // namespace

Result<std::vector<std::string>> buildah_arguments(const model::Project& project, const model::Service& service,
                                                   const std::string& name, const BuildPlaces& places,
                                                   const BuildRequest& request,
                                                   const std::map<std::string, std::string>& environment) {
  const model::Build& build = *service.build;
  // chroot: no runtime and no cgroup of its own; what it builds is the same.
  Words words = {"--root", places.storage, "--runroot", places.run, "build", "--isolation", "chroot", "--layers"};
  add(words, "--file", places.dockerfile);
  add(words, "--tag", name);
  if (!places.policy.empty()) {
    add(words, "--signature-policy", places.policy);
  }
  add_arguments(words, build, request, environment);
  for (const auto& [key, value] : build.labels) {
    add(words, "--label", fmt::format("{}={}", key, value));
  }
  add_contexts(words, project, build);
  for (const auto& [flag, values] :
       {std::pair("--cache-from", &build.cache_from), std::pair("--cache-to", &build.cache_to),
        std::pair("--add-host", &build.extra_hosts)}) {
    for (const std::string& value : *values) {
      add(words, flag, value);
    }
  }
  for (const model::FileGrant& grant : build.secrets) {
    CMP_TRY(const std::string secret, secret_argument(project, service, grant));
    add(words, "--secret", secret);
  }
  add_ssh(words, build, request);
  add_limits(words, build);
  if (!build.target.empty()) {
    add(words, "--target", build.target);
  }
  if (!build.network.empty()) {
    add(words, "--network", build.network == "default" ? "private" : build.network);
  }
  if (!service.platform.empty()) {
    add(words, "--platform", service.platform);
  }
  if (build.no_cache || request.no_cache) {
    words.emplace_back("--no-cache");
  }
  words.emplace_back(build.pull || request.pull ? "--pull-always" : "--pull");
  words.push_back(build.context);
  return words;
}

Result<std::vector<std::string>> build_order(const model::Project& project, const std::vector<std::string>& services) {
  constexpr std::string_view kService = "service:";
  Words order;
  std::set<std::string> left(services.begin(), services.end());
  const auto ready = [&](const std::string& name) {
    const auto& contexts = project.services.at(name).build->additional_contexts;
    return std::ranges::none_of(contexts, [&](const auto& context) {
      return context.second.starts_with(kService) && left.contains(context.second.substr(kService.size()));
    });
  };
  while (!left.empty()) {
    const auto next = std::ranges::find_if(left, ready);
    if (next == left.end()) {
      return make_error(
          Code::kInvalid,
          fmt::format("service '{}': build: its image and those it builds on need each other", *left.begin()));
    }
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

}  // namespace cmp::cli
