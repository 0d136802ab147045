#include <set>

#include "cli/commands.hpp"
#include "cli/image_setup.hpp"
#include "cli/output.hpp"
#include "cli/transfer.hpp"

namespace cmp::cli {

namespace {

/// What this project builds; without `build:`, an image is somebody else's.
bool is_ours(const PushOptions& options, const model::Service& service) {
  const bool named = options.include_deps || is_wanted(options.services, service.name);
  return named && service.build && !service.image.empty();
}

}  // namespace

Result<int> run_command(const Context& context, const PushOptions& options) {
  CMP_CHECK(need_root("push"));
  CMP_TRY(auto loaded, load_loudly(load_options(context, options.services)));
  print_warnings(loaded.warnings);
  image::TransferRequest request;
  request.task = image::Task::kPush;
  request.tls_verify = options.tls_verify;
  std::set<std::string> seen;
  for (const auto& [name, service] : loaded.project.services) {
    if (!is_ours(options, service)) {
      continue;
    }
    CMP_TRY(const NeededImage needed, image_of(context, loaded.project, service));
    if (seen.insert(needed.reference.str()).second) {
      request.items.push_back(
          {.name = needed.reference.str(), .platform = needed.platform.str(), .as = "", .label = needed.label()});
    }
  }
  if (request.items.empty()) {
    return 0;
  }
  return transfer_to_the_end(context, request,
                             {.command = "push",
                              .words = {.doing = "Pushing", .done = "Pushed"},
                              .quiet = options.quiet,
                              .ignore_failures = options.ignore_failures});
}

}  // namespace cmp::cli
