#include "cli/define.hpp"

namespace cmp::cli {

void define(CLI::App& app, PullOptions& options) {
  add_services(app, options.services);
  app.add_flag("--ignore-buildable", options.ignore_buildable, "Leave out services with build");
  app.add_flag("--ignore-pull-failures", options.ignore_failures, "Go on and end well where an image can't be fetched");
  app.add_flag("--include-deps", options.include_deps, "The images of dependencies, too");
  add_text(app, "--policy", options.policy, "missing: only what is not here; always: everything (default)", "WHEN");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
  app.add_flag("--parallel,--no-parallel")->group("");
  app.add_flag("--tls-verify,!--no-tls-verify", options.tls_verify, "Check the registry's certificate (default)");
}

void define(CLI::App& app, PushOptions& options) {
  add_services(app, options.services);
  app.add_flag("--ignore-push-failures", options.ignore_failures, "Go on and end well where an image can't be pushed");
  app.add_flag("--include-deps", options.include_deps, "The images of dependencies, too");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
  app.add_flag("--tls-verify,!--no-tls-verify", options.tls_verify, "Check the registry's certificate (default)");
}

void define(CLI::App& app, BuildOptions& options) {
  add_services(app, options.services);
  add_list(app, "--build-arg", options.args,
           "Set a build argument, KEY=VALUE, or KEY for the caller's; may be repeated", "VARIABLE");
  add_text(app, "--builder", options.builder, "There is one: buildah", "NAME");
  app.add_flag("--check", options.check, "Refused: buildah only builds");
  add_text(app, "-m,--memory", options.memory, "What each step may use of it", "SIZE");
  app.add_flag("--no-cache", options.no_cache, "Use nothing of earlier builds");
  app.add_flag("--print", options.print, "Refused: there is no bake file");
  add_text(app, "--provenance", options.provenance, "false: buildah attests nothing", "KIND");
  app.add_flag("--pull", options.pull, "Fetch base images again");
  app.add_flag("--push", options.push, "Push what was built");
  app.add_flag("-q,--quiet", options.quiet, "No output but the images' ids");
  add_text(app, "--sbom", options.sbom, "false: buildah attests nothing", "KIND");
  add_list(app, "--ssh", options.ssh, "An SSH agent or key for the build; may be repeated", "ID[=PATH]");
  app.add_flag("--with-dependencies", options.with_dependencies, "Build the images of dependencies, too");
  // Of old Composes, and without effect there, too.
  app.add_flag("--compress", options.compress)->group("");
  app.add_flag("--force-rm", options.force_rm)->group("");
  app.add_flag("--no-rm", options.no_rm)->group("");
  app.add_flag("--parallel", options.parallel)->group("");
}

void define(CLI::App& app, ImagesOptions& options) {
  add_services(app, options.services);
  app.add_flag("-a,--all", options.all, "Every image of this machine's store, not only this project's");
  add_text(app, "--format", options.format, "table or json", "FORMAT");
  app.add_flag("-q,--quiet", options.quiet, "Only ids");
}

void define(CLI::App& app, LoadOptions& options) {
  add_text(app, "-i,--input", options.input, "The archive (docker save, OCI); - or nothing is standard input", "FILE");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
}

void define(CLI::App& app, SaveOptions& options) {
  app.add_option("IMAGE", options.images, "Names of images")->option_text("...")->required();
  add_text(app, "-o,--output", options.output, "The archive; - or nothing is standard output", "FILE");
  app.add_flag("-q,--quiet", options.quiet, "No progress");
}

void define(CLI::App& app, RmiOptions& options) {
  app.add_option("IMAGE", options.images, "Names or ids of images")->option_text("...")->required();
  app.add_flag("-f,--force", options.force, "Also names that containers have been made from");
}

void define(CLI::App& app, GcOptions& options) {
  app.add_flag("--dry-run", options.dry_run, "Say what would go and how much it is");
}

}  // namespace cmp::cli
