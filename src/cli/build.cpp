#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "cli/builder.hpp"
#include "cli/commands.hpp"
#include "cli/image_setup.hpp"
#include "cli/output.hpp"
#include "compose/quantity.hpp"
#include "plan/plan.hpp"

namespace cmp::cli {

namespace {

Result<std::vector<std::string>> services_to_build(const model::Project& project, const BuildOptions& options) {
  std::vector<std::string> named = options.services;
  if (named.empty()) {
    for (const auto& [name, service] : project.services) {
      named.push_back(name);
    }
  } else if (options.with_dependencies) {
    CMP_TRY(named, plan::with_dependencies(project, named));
  }
  std::vector<std::string> services;
  for (const std::string& name : named) {
    const auto service = project.services.find(name);
    if (service == project.services.end()) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
    if (service->second.build) {
      services.push_back(name);
    }
  }
  return services;
}

std::map<std::string, std::string> arguments_of(const Context& context, const BuildOptions& options) {
  std::map<std::string, std::string> args;
  for (const std::string& word : options.args) {
    const auto equals = word.find('=');
    const auto own = context.environment.find(word);
    if (equals != std::string::npos) {
      args[word.substr(0, equals)] = word.substr(equals + 1);
    } else if (own != context.environment.end()) {
      args[word] = own->second;
    }
  }
  return args;
}

Status print_ids(const Context& context, const model::Project& project, const std::vector<std::string>& services) {
  const image::Store store(state::roots_from_environment());
  for (const std::string& name : services) {
    CMP_TRY(const NeededImage needed, image_of(context, project, project.services.at(name)));
    CMP_TRY(const auto stored, store.find(needed.reference.str(), needed.platform));
    CMP_CHECK(print(fmt::format("{}\n", stored ? stored->id.str() : "")));
  }
  return {};
}

Error refused(std::string_view flag, std::string_view reason) {
  return make_error(Code::kUnsupported, fmt::format("{}: {}", flag, reason));
}

/// What asks for another builder than buildah.
Status check_options(const BuildOptions& options) {
  constexpr std::array<std::string_view, 3> kHere = {"", "default", "buildah"};
  if (std::ranges::find(kHere, options.builder) == kHere.end()) {
    return refused("--builder", fmt::format("there is no builder '{}': images are built by buildah", options.builder));
  }
  for (const auto& [flag, value] :
       {std::pair("--provenance", &options.provenance), std::pair("--sbom", &options.sbom)}) {
    if (!value->empty() && *value != "false") {
      return refused(flag, "buildah makes no attestations");
    }
  }
  if (options.check) {
    return refused("--check", "buildah does not check Dockerfiles without building them");
  }
  return options.print ? refused("--print", "there is no bake file: cmp config prints what is built") : Status();
}

}  // namespace

Result<int> run_command(const Context& context, const BuildOptions& options) {
  CMP_CHECK(check_options(options));
  BuildRequest request;
  if (!options.memory.empty()) {
    request.memory = compose::parse_bytes(options.memory);
    if (!request.memory || request.memory->count <= 0) {
      return make_error(Code::kInvalid, fmt::format("--memory: '{}' is no size such as 512m", options.memory));
    }
  }
  CMP_CHECK(need_root("build"));
  CMP_TRY(auto loaded, load_loudly(load_options(context, options.services)));
  print_warnings(loaded.warnings);
  CMP_TRY(request.services, services_to_build(loaded.project, options));
  if (request.services.empty()) {
    print_error("No services to build\n");
    return 0;
  }
  request.args = arguments_of(context, options);
  request.ssh = options.ssh;
  request.no_cache = options.no_cache;
  request.pull = options.pull;
  request.quiet = options.quiet;
  request.every_platform = true;
  CMP_CHECK(build_images(context, loaded.project, request));
  if (options.quiet) {
    CMP_CHECK(print_ids(context, loaded.project, request.services));
  }
  return options.push ? run_command(context, PushOptions{.services = request.services}) : 0;
}

}  // namespace cmp::cli
