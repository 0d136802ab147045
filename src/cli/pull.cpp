#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/image_setup.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"
#include "compose/load.hpp"
#include "container/blame.hpp"
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

/// What is to be fetched, each image once.
class Wanted {
 public:
  /// `command` learns who wants what.
  Wanted(const Context& context, const PullOptions& options, const model::Project& project, TransferCommand& command)
      : context_(context),
        options_(options),
        project_(project),
        command_(command),
        store_(state::roots_from_environment()) {
    request_.tls_verify = options.tls_verify;
  }

  Result<image::TransferRequest> collect() {
    std::vector<std::string> services = options_.services;
    if (options_.include_deps && !services.empty()) {
      CMP_TRY(services, plan::with_dependencies(project_, services));
    }
    for (const auto& [name, service] : project_.services) {
      if (is_wanted_image(options_, services, service)) {
        CMP_TRY(const NeededImage needed, image_of(context_, project_, service));
        CMP_CHECK(add(needed, service, container::position(service, "image")));
        if (service.build) {
          command_.buildable.emplace(needed.label(), name);
        }
      }
      if (is_wanted(services, name)) {
        CMP_CHECK(add_mounted(service));
      }
    }
    return std::move(request_);
  }

 private:
  Status add_mounted(const model::Service& service) {
    for (const model::Mount& mount : service.volumes) {
      if (mount.type == model::MountType::kImage) {
        CMP_TRY(const NeededImage needed, image_of(context_, project_, service, mount));
        CMP_CHECK(add(needed, service, mount.where));
      }
    }
    return {};
  }

  Status add(const NeededImage& needed, const model::Service& service, const SourcePos& where) {
    CMP_TRY(const bool here, is_here(store_, needed));
    const bool missing_only = options_.policy == "missing" || service.pull_policy == model::PullPolicy::kNever;
    if (seen_.insert(needed.reference.str() + ' ' + needed.platform.str()).second && !(missing_only && here)) {
      request_.items.push_back(
          {.name = needed.reference.str(), .platform = needed.platform.str(), .as = "", .label = needed.label()});
      command_.origins.emplace(needed.label(), Origin{fmt::format("service '{}'", service.name), where});
    }
    return {};
  }

  const Context& context_;
  const PullOptions& options_;
  const model::Project& project_;
  TransferCommand& command_;
  const image::Store store_;
  std::set<std::string> seen_;
  image::TransferRequest request_;
};

}  // namespace

Result<int> run_command(const Context& context, const PullOptions& options) {
  if (!options.policy.empty() && options.policy != "missing" && options.policy != "always") {
    return make_error(Code::kInvalid, fmt::format("--policy: '{}' is neither missing nor always", options.policy));
  }
  CMP_CHECK(need_root("pull"));
  CMP_TRY(const model::Project project, load_project(context, options));
  TransferCommand command{.command = "pull",
                          .words = {.doing = "Pulling", .done = "Pulled"},
                          .quiet = options.quiet,
                          .ignore_failures = options.ignore_failures};
  CMP_TRY(const image::TransferRequest request, Wanted(context, options, project, command).collect());
  return request.items.empty() ? Result<int>(0) : transfer_to_the_end(context, request, command);
}

}  // namespace cmp::cli
