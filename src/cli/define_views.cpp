#include "cli/define.hpp"

namespace cmp::cli {

void define(CLI::App& app, PsOptions& o) {
  add_services(app, o.services);
  app.add_flag("-a,--all", o.all, "Stopped containers, too");
  app.add_flag("-q,--quiet", o.quiet, "Only ids");
  app.add_flag("--services", o.only_services, "Only names of services");
  add_text(app, "--format", o.format,
           "table, json, or a template such as '{{.Name}}' or 'table {{.Name}}\\t{{.Status}}'", "FORMAT");
  add_list(app, "--status", o.status, "Only containers in this state; may be repeated", "STATE");
  add_list(app, "--filter", o.filters, "status=STATE", "KEY=VALUE");
  app.add_flag("--no-trunc", o.no_trunc, "Whole ids and commands");
  app.add_flag("--orphans,!--no-orphans", o.orphans, "Containers of services the file does not have, too (default)");
}

void define(CLI::App& app, LogsOptions& o) {
  add_services(app, o.services);
  app.add_flag("-f,--follow", o.follow, "Go on as lines come");
  add_text(app, "-n,--tail", o.tail, "Only the last lines of each container", "NUMBER");
  add_text(app, "--since", o.since, "Only lines from this time (2026-01-02T15:04:05Z) or this long ago (90m)", "TIME");
  add_text(app, "--until", o.until, "Only lines up to this time or this long ago", "TIME");
  add_number(app, "--index", o.index, "Only this replica of the service", 1);
  add_log_style(app, o.log, "-t,--timestamps");
}

void define(CLI::App& app, ConfigOptions& o) {
  add_services(app, o.services);
  add_text(app, "--format", o.format, "yaml or json", "FORMAT");
  add_text(app, "-o,--output", o.output, "Write to a file", "FILE");
  app.add_flag("-q,--quiet", o.quiet, "Only check");
  app.add_flag("--services", o.list_services, "Names of the services");
  app.add_flag("--volumes", o.list_volumes, "Names of the volumes");
  app.add_flag("--networks", o.list_networks, "Names of the networks");
  app.add_flag("--images", o.list_images, "Names of the images");
  app.add_flag("--profiles", o.list_profiles, "Names of all profiles");
  add_text(app, "--hash", o.hash, "Hashes of the services' configuration: names with commas between, or *", "SERVICES");
  app.add_flag("--models", o.list_models, "Names of the models");
  app.add_flag("--explain", o.explain, "Each value with the file and line it comes from, and what it replaced");
  app.add_flag("--environment", o.environment, "The variables that the file can use");
  app.add_flag("--variables", o.variables, "The variables that the file uses, with their defaults");
  app.add_flag("--no-interpolate", o.no_interpolate, "Keep ${...}");
  app.add_flag("--no-normalize", o.no_normalize, "Keep the file's own form");
  app.add_flag("--no-path-resolution", o.no_path_resolution, "Keep relative paths");
  app.add_flag("--no-consistency", o.no_consistency, "Do not check references between elements");
  app.add_flag("--no-env-resolution", o.no_env_resolution, "Do not read env_file");
  app.add_flag("--resolve-image-digests", o.resolve_digests, "Images by the digest that their registry says now");
  app.add_flag("--lock-image-digests", o.lock_digests, "Only that: a file to merge over the others");
  app.add_flag("!--no-tls-verify", o.tls_verify, "Do not check certificates of registries");
}

void define(CLI::App& app, VersionOptions& o) {
  app.add_flag("--short", o.brief, "Only the number");
  add_text(app, "-f,--format", o.format, "pretty or json", "FORMAT");
}

void define(CLI::App& app, PortOptions& o) {
  app.add_option("SERVICE", o.service, "The service")->option_text(" ")->required();
  app.add_option("PORT", o.port, "The port in the container")->option_text(" ")->required();
  add_index(app, o.index);
  add_text(app, "--protocol", o.protocol, "tcp or udp", "NAME");
}

void define(CLI::App& app, EventsOptions& o) {
  add_services(app, o.services);
  app.add_flag("--json", o.json, "One JSON object a line");
  add_text(app, "--until", o.until, "End at this time (2026-01-02T15:04:05Z)", "TIME");
}

void define(CLI::App& app, NetworkOptions& o) {
  app.add_option("ACTION", o.action, "ls or inspect")->option_text(" ")->required();
  app.add_option("NAME", o.names, "The networks to inspect")->option_text(" ");
  app.add_flag("-q,--quiet", o.quiet, "ls: only names");
  add_text(app, "--format", o.format, "ls: table or json", "FORMAT");
}

void define(CLI::App& app, VolumesOptions& o) {
  add_services(app, o.services);
  app.add_flag("-q,--quiet", o.quiet, "Only names");
  add_text(app, "--format", o.format, "table, json, or a template such as '{{.Name}}'", "FORMAT");
}

void define(CLI::App& app, VolumeOptions& o) {
  app.add_option("ACTION", o.action, "ls, inspect, create, rm, prune, restore, snapshot or fork")
      ->option_text(" ")
      ->required();
  app.add_option("NAME", o.names, "The volume, or the volumes; restore, snapshot: and a snapshot; fork: and a new name")
      ->option_text(" ");
  app.add_flag("-q,--quiet", o.quiet, "ls: only names");
  add_text(app, "--format", o.format, "ls: table, json, or a template such as '{{.Name}}'", "FORMAT");
  app.add_flag("-f,--force", o.force, "prune: do not ask; rm: what is not there is no error");
  app.add_flag("-a,--all", o.all, "prune: named volumes, too");
  app.add_flag("--trash", o.trash, "ls: what can be restored; prune: empty the trash");
  add_text(app, "-d,--driver", o.driver, "create: local", "DRIVER");
  add_list(app, "-o,--opt", o.options, "create: type=, device= or o=, as driver_opts; may be repeated", "KEY=VALUE");
  add_list(app, "--label", o.labels, "create: a label; may be repeated", "KEY=VALUE");
}

void define(CLI::App& app, GraphOptions& o) {
  app.add_flag("--network", o.network, "The networks, their devices, addresses, ports and rules");
  add_text(app, "--format", o.format, "text, mermaid or graphviz", "FORMAT");
}

void define(CLI::App& app, StatsOptions& o) {
  add_services(app, o.services);
  app.add_flag("-a,--all", o.all, "Stopped containers, too");
  app.add_flag("--no-stream", o.no_stream, "Show it once, not again and again");
  add_text(app, "--format", o.format, "table, json, or a template such as '{{.Name}}: {{.CPUPerc}}'", "FORMAT");
  app.add_flag("--no-trunc", o.no_trunc, "Whole ids");
}

void define(CLI::App& app, DoctorOptions& o) {
  add_text(app, "--format", o.format, "text or json", "FORMAT");
}

void define(CLI::App& app, TopOptions& o) {
  add_services(app, o.services);
}

void define(CLI::App& app, WhyOptions& o) {
  add_services(app, o.services);
}

void define(CLI::App& app, InspectOptions& o) {
  app.add_option("NAME", o.names, "Services, containers, networks or volumes; all containers if none is named")
      ->option_text(" ");
  add_text(app, "-f,--format", o.format, "json, or a template: {{.Name}}: {{.State.Status}}, {{json .Mounts}}",
           "FORMAT");
}

void define(CLI::App& app, LsOptions& o) {
  add_list(app, "--filter", o.filters, "name=REGULAR EXPRESSION; may be repeated", "KEY=VALUE");
  app.add_flag("-a,--all", o.all, "Stopped projects, too");
  app.add_flag("-q,--quiet", o.quiet, "Only names");
  add_text(app, "--format", o.format, "table or json", "FORMAT");
}

}  // namespace cmp::cli
