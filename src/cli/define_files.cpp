#include "cli/define.hpp"

namespace cmp::cli {

void define(CLI::App& app, CpOptions& o) {
  app.add_option("FROM", o.from, "What is copied: SERVICE:PATH, a path, or - for a tar archive on standard input")
      ->option_text(" ")
      ->required();
  app.add_option("TO", o.to, "Where to: a path, SERVICE:PATH, or - for a tar archive on standard output")
      ->option_text(" ")
      ->required();
  app.add_flag("-a,--archive", o.archive, "Keep owners; else what comes is the caller's, what goes is root's");
  app.add_flag("-L,--follow-link", o.follow_link, "Copy what the link FROM leads to");
  add_index(app, o.index);
  app.add_flag("--all", o.all, "Also to containers of 'run'");
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, ExportOptions& o) {
  app.add_option("SERVICE", o.service, "The service")->option_text(" ")->required();
  add_text(app, "-o,--output", o.output, "The archive; - or nothing is standard output", "FILE");
  add_index(app, o.index);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, WatchOptions& o) {
  add_services(app, o.services);
  app.add_flag("--no-up", o.no_up, "Do not build and start the services first");
  app.add_flag("--prune,!--no-prune", o.prune, "Remove images that a rebuild has left without a name (default)");
  app.add_flag("--quiet", o.quiet, "No output of builds");
}

}  // namespace cmp::cli
