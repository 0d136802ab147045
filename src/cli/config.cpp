#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/image_digests.hpp"
#include "cli/output.hpp"
#include "compose/explain.hpp"
#include "compose/listing.hpp"
#include "compose/phases.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using compose::Loaded;

/// The merged files, before anything is chosen from them; variables are found in them as they are written.
void show_everything(compose::LoadOptions& out) {
  out.interpolate = false;
  out.check_consistency = false;
  out.resolve_env_files = false;
  out.only_services = false;
  out.all_resources = true;
  out.services.clear();
  out.profiles = {"*"};
}

compose::LoadOptions options_for(const Context& context, const ConfigOptions& options) {
  compose::LoadOptions out = load_options(context, options.services);
  out.only_services = !options.services.empty();
  out.normalize = !options.no_normalize;
  out.resolve_paths = !options.no_path_resolution;
  out.check_consistency = !options.no_consistency;
  out.resolve_env_files = !options.no_env_resolution;
  out.explain = options.explain;
  out.hashes = !options.hash.empty();
  if (options.list_profiles) {
    out.profiles = {"*"};  // services that are switched off have profiles, too
  }
  if (options.no_interpolate || options.variables) {
    show_everything(out);
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
  if (options.list_models) {
    return lines_of(compose::model_names(loaded.tree));
  }
  if (options.environment) {
    return lines_of(compose::environment_lines(loaded.environment));
  }
  if (!options.hash.empty()) {
    CMP_TRY(const auto lines, compose::hash_lines(loaded.project, options.hash));
    return lines_of(lines);
  }
  if (options.quiet) {
    return std::string();
  }
  const auto printing = options.no_interpolate ? compose::Printing::kVerbatim : compose::Printing::kModel;
  return options.format == "json" ? compose::render_json(loaded.tree, printing)
                                  : compose::render_yaml(loaded.tree, printing);
}

std::string variables_text(const Loaded& loaded, const std::string& format) {
  const auto uses = compose::variables_in(loaded.tree);
  if (format.empty()) {
    return compose::variable_table(uses);
  }
  const bool json = format == "json";
  const compose::Node tree = compose::variable_tree(uses, json ? compose::Output::kJson : compose::Output::kYaml);
  return json ? compose::render_json(tree, compose::Printing::kVerbatim) + "\n"
              : compose::render_yaml(tree, compose::Printing::kVerbatim);
}

Result<std::string> text_of(const Context& context, const ConfigOptions& options) {
  const compose::LoadOptions load = options_for(context, options);
  CMP_TRY(Loaded loaded, load_loudly(load));
  print_warnings(loaded.warnings);
  if (options.resolve_digests || options.lock_digests) {
    CMP_CHECK(pin_images(context, loaded, options.tls_verify));
  }
  if (options.lock_digests) {
    keep_images_only(loaded.tree);
  }
  if (options.no_interpolate && !options.services.empty()) {
    print_error("warning: with --no-interpolate all services are shown, names are ignored\n");
  }
  if (options.variables) {
    return variables_text(loaded, options.format);
  }
  if (options.explain) {
    print_warnings(compose::unsupported(loaded.tree));  // as `up` says them
    return compose::explain_text(loaded, load.cwd);
  }
  return render(loaded, options);
}

Status check_options(const ConfigOptions& options) {
  if (!options.format.empty() && options.format != "yaml" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither yaml nor json", options.format));
  }
  if (options.explain && (!options.format.empty() || options.no_interpolate || options.no_normalize)) {
    return make_error(Code::kInvalid, "--explain goes with neither --format, --no-interpolate nor --no-normalize");
  }
  if ((options.resolve_digests || options.lock_digests) && (options.no_interpolate || options.variables)) {
    return make_error(Code::kInvalid,
                      "image digests need values: they go with neither --no-interpolate nor --variables");
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const ConfigOptions& options) {
  CMP_CHECK(check_options(options));
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
