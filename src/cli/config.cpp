#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "compose/listing.hpp"
#include "compose/phases.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using compose::Loaded;

compose::LoadOptions options_for(const Context& context, const ConfigOptions& options) {
  compose::LoadOptions out = load_options(context, options.services);
  out.only_services = !options.services.empty();
  out.interpolate = !options.no_interpolate;
  out.normalize = !options.no_normalize;
  out.resolve_paths = !options.no_path_resolution;
  out.check_consistency = !options.no_consistency;
  out.resolve_env_files = !options.no_env_resolution;
  if (options.list_profiles) {
    out.profiles = {"*"};  // services that are switched off have profiles, too
  }
  return out;
}

std::string lines_of(const std::vector<std::string>& lines) {
  return lines.empty() ? std::string() : join(lines, "\n") + "\n";
}

Result<std::string> render(const Loaded& loaded, const ConfigOptions& options) {
  if (options.list_services) {
    return lines_of(compose::services_in_order(loaded.project));
  }
  if (options.list_volumes) {
    return lines_of(compose::volume_names(loaded.project));
  }
  if (options.list_networks) {
    return lines_of(compose::network_names(loaded.project));
  }
  if (options.list_images) {
    return lines_of(compose::image_names(loaded.project));
  }
  if (options.list_profiles) {
    return lines_of(compose::profile_names(loaded.tree));
  }
  if (options.environment) {
    return lines_of(compose::environment_lines(loaded.environment));
  }
  if (!options.hash.empty()) {
    CMP_TRY(const auto lines, compose::hash_lines(loaded.project, options.hash));
    return lines_of(lines);
  }
  return options.format == "json" ? compose::render_json(loaded.tree) : compose::render_yaml(loaded.tree);
}

Result<std::string> text_of(const Context& context, const ConfigOptions& options) {
  compose::LoadOptions load = options_for(context, options);
  // Variables are found in the files as they are written.
  load.interpolate = load.interpolate && !options.variables;
  CMP_TRY(const Loaded loaded, compose::load(load));
  print_warnings(loaded.warnings);
  if (options.variables) {
    return compose::variable_table(compose::variables_in(loaded.tree));
  }
  return render(loaded, options);
}

Status check_format(const std::string& format) {
  if (!format.empty() && format != "yaml" && format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither yaml nor json", format));
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const ConfigOptions& options) {
  CMP_CHECK(check_format(options.format));
  CMP_TRY(const std::string text, text_of(context, options));
  if (options.quiet) {
    return 0;
  }
  if (!options.output.empty()) {
    CMP_CHECK(sys::write_file_atomically(options.output, text, 0644));
  } else {
    CMP_CHECK(print(text));
  }
  return 0;
}

}  // namespace cmp::cli
