#include "cli/define.hpp"

namespace cmp::cli {

void define(CLI::App& app, ExecOptions& o) {
  app.prefix_command();
  app.add_flag("-d,--detach", o.detach, "Do not wait for the command");
  app.add_flag("-T,--no-tty", o.no_tty, "No terminal (default if standard input or output is none)");
  app.add_flag("-i,--interactive", o.interactive, "Keep standard input open (always so)");
  app.add_flag("-t,--tty", o.tty, "A terminal (default if standard input and output are one)");
  add_list(app, "-e,--env", o.env, "Set a variable, KEY=VALUE, or KEY for the caller's; may be repeated", "VARIABLE");
  add_text(app, "-u,--user", o.user, "User, user:group, or ids", "USER");
  add_text(app, "-w,--workdir", o.workdir, "Working directory in the container", "DIRECTORY");
  add_index(app, o.index);
  app.add_flag("--privileged", o.privileged, "Keep all capabilities");
}

void define(CLI::App& app, RunOptions& o) {
  app.prefix_command();
  app.add_flag("-d,--detach", o.detach, "Do not wait for it; prints the container's id");
  app.add_flag("--rm", o.remove, "Remove the container when it has ended");
  add_text(app, "--name", o.name, "Name of the container", "NAME");
  app.add_flag("--no-deps", o.no_deps, "Leave out what the service depends on");
  app.add_option("--entrypoint", o.entrypoint, "Instead of the service's; its command is left out, too")
      ->option_text("COMMAND");
  add_list(app, "-e,--env", o.env, "Set a variable, KEY=VALUE, or KEY for the caller's; may be repeated", "VARIABLE");
  add_list(app, "--env-from-file", o.env_files, "Set the variables of a file; may be repeated", "FILE");
  add_list(app, "-v,--volume,--volumes", o.volumes, "Mount, as in the file; may be repeated", "VOLUME");
  add_list(app, "-p,--publish", o.publish, "Publish a port, as in the file; may be repeated", "PORT");
  app.add_flag("-P,--service-ports", o.service_ports, "Publish the service's ports");
  app.add_flag("--use-aliases", o.use_aliases, "Have the service's names in its networks");
  add_list(app, "-l,--label,--labels", o.labels, "Add a label; may be repeated", "KEY=VALUE");
  add_list(app, "--cap-add", o.cap_add, "Add a capability; may be repeated", "NAME");
  add_list(app, "--cap-drop", o.cap_drop, "Drop a capability; may be repeated", "NAME");
  add_text(app, "-u,--user", o.user, "User, user:group, or ids", "USER");
  add_text(app, "-w,--workdir", o.workdir, "Working directory in the container", "DIRECTORY");
  app.add_flag("-i,--interactive", o.interactive, "Keep standard input open (default; --interactive=false closes it)");
  app.add_flag("-T,--no-tty,--no-TTY", o.no_tty, "No terminal (default if standard input or output is none)");
  app.add_flag("-t,--tty", o.tty, "A terminal (default if standard input and output are one)");
  app.add_flag("-q,--quiet", o.quiet, "Say nothing while it is started");
  add_image_choices(app, o.images);
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  app.add_flag("--dry-run", o.dry_run, "Print the plan and change nothing");
}

void define(CLI::App& app, WaitOptions& o) {
  app.add_option("SERVICE", o.services, "The services")->option_text(" ")->required();
  app.add_flag("--down-project", o.down_project, "Take the project down when the first one has ended");
}

void define(CLI::App& app, AttachOptions& o) {
  app.add_option("SERVICE", o.service, "The service")->option_text(" ")->required();
  add_text(app, "--detach-keys", o.detach_keys, "Keys that leave the service running", "KEYS");
  add_index(app, o.index);
  app.add_flag("--no-stdin", o.no_stdin, "Only show what it writes");
  app.add_flag("--sig-proxy,!--no-sig-proxy", o.sig_proxy, "Pass signals on to the service (default)");
}

}  // namespace cmp::cli
