#include "cli/commands.hpp"
#include "cli/scale.hpp"

// `create` and `scale` are an `up` with part of its options.

namespace cmp::cli {

Result<int> run_command(const Context& context, const CreateOptions& options) {
  UpOptions up;
  up.command = "create";
  up.services = options.services;
  up.scale = options.scale;
  up.force_recreate = options.force_recreate;
  up.no_recreate = options.no_recreate;
  up.remove_orphans = options.remove_orphans;
  up.no_start = true;
  up.images = options.images;
  return run_command(context, up);
}

Result<int> run_command(const Context& context, const ScaleOptions& options) {
  UpOptions up;
  up.command = "scale";
  up.services = scaled_services(options.scale);
  up.scale = options.scale;
  up.no_deps = options.no_deps;
  up.detach = true;
  return run_command(context, up);
}

}  // namespace cmp::cli
