#include "cli/define.hpp"

namespace cmp::cli {

namespace {

void add_scale(CLI::App& app, std::vector<std::string>& scale) {
  add_list(app, "--scale", scale, "So many containers of a service; may be repeated", "SERVICE=NUMBER");
}

/// Asked is about volumes whose definition has changed.
void add_yes(CLI::App& app, bool& yes) {
  app.add_flag("-y,--yes,--y", yes, "Answer every question with yes");
}

/// What decides which containers are made, kept or made anew.
void add_convergence(CLI::App& app, UpOptions& o) {
  add_stop_timeout(app, o.timeout_s);
  app.add_flag("--force-recreate", o.force_recreate, "Recreate containers that have not changed, too");
  app.add_flag("--no-recreate", o.no_recreate, "Leave containers that exist as they are");
  app.add_flag("--always-recreate-deps", o.recreate_deps, "Recreate what the services depend on, too");
  app.add_flag("-V,--renew-anon-volumes", o.renew_volumes, "Recreate, with new anonymous volumes");
  app.add_flag("--no-deps", o.no_deps, "Leave out what the services depend on");
  app.add_flag("--no-start", o.no_start, "Only create");
  add_scale(app, o.scale);
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  add_image_choices(app, o.images);
}

}  // namespace

void define(CLI::App& app, UpOptions& o) {
  add_services(app, o.services);
  app.add_flag("-d,--detach", o.detach, "Return once everything is started");
  app.add_flag("-w,--watch", o.watch, "Bring changed files into the services, as 'watch' does");
  app.add_flag("--wait", o.wait, "Return once everything is running or healthy");
  add_number(app, "--wait-timeout", o.wait_timeout_s, "Longest time to wait, in seconds");
  app.add_flag("--atomic", o.atomic, "Wait, and go back to the last generation if it does not come up");
  add_convergence(app, o);
  add_yes(app, o.yes);
  app.add_flag("--abort-on-container-exit", o.abort_on_exit, "Stop everything when a container exits");
  app.add_flag("--abort-on-container-failure", o.abort_on_failure, "Stop everything when a container fails");
  add_text(app, "--exit-code-from", o.exit_code_from, "Exit as this service does; implies --abort-on-container-exit",
           "SERVICE");
  add_list(app, "--attach", o.attach, "Show only the logs of this service; may be repeated", "SERVICE");
  add_list(app, "--no-attach", o.no_attach, "Do not show the logs of this service; may be repeated", "SERVICE");
  app.add_flag("--attach-dependencies", o.attach_dependencies, "Show the logs of dependencies, too");
  app.add_flag("--menu,!--no-menu", o.menu, "A menu of keys: there is none, so it stays off")->group("");
  add_dry_run(app, o.dry_run);
  add_log_style(app, o.log, "--timestamps");
}

void define(CLI::App& app, PlanOptions& o) {
  add_services(app, o.up.services);
  add_convergence(app, o.up);
  app.add_flag("--detailed-exitcode", o.up.detailed_exit_code, "Exit with 2 if there is something to do");
}

void define(CLI::App& app, DownOptions& o) {
  add_services(app, o.services);
  app.add_flag("-v,--volumes,--volume", o.volumes, "Remove the project's named volumes, too");
  add_text(app, "--rmi", o.rmi, "Remove images, too: local (those without a name of their own) or all", "WHICH");
  add_dry_run(app, o.dry_run);
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  add_stop_timeout(app, o.timeout_s);
}

void define(CLI::App& app, StopOptions& o) {
  add_services(app, o.services);
  add_stop_timeout(app, o.timeout_s);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, KillOptions& o) {
  add_services(app, o.services);
  add_text(app, "-s,--signal", o.signal, "Signal to send", "SIGNAL");
  app.add_flag("--remove-orphans", o.remove_orphans, "Also to containers of services the file does not have");
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, StartOptions& o) {
  add_services(app, o.services);
  app.add_flag("--wait", o.wait, "Return once everything is running or healthy");
  add_number(app, "--wait-timeout", o.wait_timeout_s, "Longest time to wait, in seconds");
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, RestartOptions& o) {
  add_services(app, o.services);
  app.add_flag("--no-deps", o.no_deps, "Not what asks to be restarted with them (depends_on.restart)");
  add_stop_timeout(app, o.timeout_s);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, CreateOptions& o) {
  add_services(app, o.services);
  app.add_flag("--force-recreate", o.force_recreate, "Recreate containers that have not changed, too");
  app.add_flag("--no-recreate", o.no_recreate, "Leave containers that exist as they are");
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  add_image_choices(app, o.images);
  add_scale(app, o.scale);
  add_yes(app, o.yes);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, ScaleOptions& o) {
  app.add_option("SERVICE=NUMBER", o.scale, "How many containers of each service")->option_text(" ")->required();
  app.add_flag("--no-deps", o.no_deps, "Leave out what the services depend on");
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, RemoveOptions& o) {
  add_services(app, o.services);
  app.add_flag("-f,--force", o.force, "Do not ask");
  app.add_flag("-s,--stop", o.stop, "Stop running ones first");
  app.add_flag("-v,--volumes", o.volumes, "Anonymous volumes, too (always so)");
  app.add_flag("-a,--all", o.all)->group("");
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& /*app*/, ResumeOptions& /*o*/) {}

void define(CLI::App& app, EnableOptions& o) {
  add_text(app, "--unit-dir", o.unit_dir, "Write the unit there; of systemd, nothing is asked then", "DIRECTORY");
}

void define(CLI::App& app, DisableOptions& o) {
  add_text(app, "--unit-dir", o.unit_dir, "Where 'enable' has written the unit", "DIRECTORY");
}

void define(CLI::App& app, PauseOptions& o) {
  add_services(app, o.services);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, UnpauseOptions& o) {
  add_services(app, o.services);
  add_dry_run(app, o.dry_run);
}

void define(CLI::App& app, HistoryOptions& o) {
  app.add_flag("-q,--quiet", o.quiet, "Only the numbers");
}

void define(CLI::App& app, DiffOptions& o) {
  app.add_option("GENERATION", o.generations, "Two of them; one is compared with the last one, none are the last two")
      ->option_text(" ");
}

void define(CLI::App& app, RollbackOptions& o) {
  app.add_option("GENERATION", o.generation, "Its number; the last but one if none is given")->option_text(" ");
  add_stop_timeout(app, o.timeout_s);
  add_dry_run(app, o.dry_run);
}

}  // namespace cmp::cli
