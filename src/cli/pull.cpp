#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/image_setup.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"
#include "compose/load.hpp"
#include "image/local.hpp"
#include "plan/plan.hpp"

namespace cmp::cli {

namespace {

Result<model::Project> load_project(const Context& context, const PullOptions& options) {
  CMP_TRY(auto loaded, load_loudly(load_options(context, options.services)));
  print_warnings(loaded.warnings);
  for (const std::string& name : options.services) {
    if (!loaded.project.services.contains(name)) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
  }
  return std::move(loaded.project);
}

bool is_wanted_image(const PullOptions& options, const std::vector<std::string>& services,
                     const model::Service& service) {
  const bool named = is_wanted(services, service.name);
  // What is only built has nowhere to be fetched from.
  const bool somewhere = !service.image.empty() && !(service.build && options.ignore_buildable);
  return named && somewhere && service.rootfs.empty();
}

Result<bool> is_here(const image::Store& store, const NeededImage& needed) {
  CMP_TRY(const auto stored, store.find(needed.reference.str(), needed.platform));
  return stored && (!needed.reference.local() || stored->origin == image::local_origin(needed.reference));
}

Result<image::TransferRequest> request_of(const Context& context, const PullOptions& options,
                                          const model::Project& project) {
  image::TransferRequest request;
  request.tls_verify = options.tls_verify;
  const image::Store store(state::roots_from_environment());
  std::set<std::string> seen;
  std::vector<std::string> services = options.services;
  if (options.include_deps && !services.empty()) {
    CMP_TRY(services, plan::with_dependencies(project, services));
  }
  for (const auto& [name, service] : project.services) {
    if (!is_wanted_image(options, services, service)) {
      continue;
    }
    CMP_TRY(const NeededImage needed, image_of(context, project, service));
    CMP_TRY(const bool here, is_here(store, needed));
    const bool missing_only = options.policy == "missing" || service.pull_policy == model::PullPolicy::kNever;
    if (seen.insert(needed.reference.str() + ' ' + needed.platform.str()).second && !(missing_only && here)) {
      request.items.push_back(
          {.name = needed.reference.str(), .platform = needed.platform.str(), .as = "", .label = needed.label()});
    }
  }
  return request;
}

}  // namespace

Result<int> run_command(const Context& context, const PullOptions& options) {
  if (!options.policy.empty() && options.policy != "missing" && options.policy != "always") {
    return make_error(Code::kInvalid, fmt::format("--policy: '{}' is neither missing nor always", options.policy));
  }
  CMP_CHECK(need_root("pull"));
  CMP_TRY(const model::Project project, load_project(context, options));
  CMP_TRY(const image::TransferRequest request, request_of(context, options, project));
  if (request.items.empty()) {
    return 0;
  }
  return transfer_to_the_end(context, request,
                             {.command = "pull",
                              .words = {.doing = "Pulling", .done = "Pulled"},
                              .quiet = options.quiet,
                              .ignore_failures = options.ignore_failures});
}

}  // namespace cmp::cli
