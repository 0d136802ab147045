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

void define(CLI::App& app, AttachOptions& o) {
  app.add_option("SERVICE", o.service, "The service")->option_text(" ")->required();
  add_text(app, "--detach-keys", o.detach_keys, "Keys that leave the service running", "KEYS");
  add_index(app, o.index);
  app.add_flag("--no-stdin", o.no_stdin, "Only show what it writes");
  app.add_flag("--sig-proxy,!--no-sig-proxy", o.sig_proxy, "Pass signals on to the service (default)");
}

}  // namespace cmp::cli
