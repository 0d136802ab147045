#include "cli/parse.hpp"

#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "cli/vocabulary.hpp"

namespace cmp::cli {

namespace {

using Words = std::vector<std::string>;

/// CLI11 calls a check with the value and takes a text back: empty is fine.
std::string check_whole_number(const std::string& value, int lowest) {
  int number = 0;
  const char* const end = value.data() + value.size();
  const auto [rest, code] = std::from_chars(value.data(), end, number);
  if (code != std::errc() || rest != end) {
    return fmt::format("'{}' is not a whole number", value);
  }
  return number < lowest ? fmt::format("{} is below {}", number, lowest) : std::string();
}

void add_number(CLI::App& app, const std::string& names, std::optional<int>& value, const std::string& help,
                int lowest = 0) {
  app.add_option(names, value, help)->option_text("NUMBER")->check([lowest](const std::string& text) {
    return check_whole_number(text, lowest);
  });
}

void add_text(CLI::App& app, const std::string& names, std::string& value, const std::string& help,
              const std::string& kind = "TEXT") {
  app.add_option(names, value, help)->option_text(kind)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

/// An option that may be given several times, one value each time.
void add_list(CLI::App& app, const std::string& names, Words& values, const std::string& help,
              const std::string& kind = "TEXT") {
  app.add_option(names, values, help)->option_text(kind)->allow_extra_args(false);
}

void add_services(CLI::App& app, Words& services) {
  app.add_option("SERVICE", services, "Only these services")->option_text(" ");
}

void add_log_style(CLI::App& app, LogStyle& style, const std::string& timestamps) {
  app.add_flag("--no-color", style.no_color, "No colours in front of the log lines");
  app.add_flag("--no-log-prefix", style.no_prefix, "Do not name the service in front of each line");
  app.add_flag(timestamps, style.timestamps, "Put the time in front of each line");
}

void define(CLI::App& app, Globals& o) {
  add_list(app, "-f,--file", o.files, "Compose file; may be repeated, later ones override; - is standard input",
           "FILE");
  add_text(app, "-p,--project-name", o.project_name, "Project name", "NAME");
  add_text(app, "--project-directory,--workdir", o.project_directory, "Base of relative paths", "DIRECTORY");
  add_list(app, "--env-file", o.env_files, "Instead of .env; may be repeated", "FILE");
  add_list(app, "--profile", o.profiles, "Activate a profile; may be repeated, * is all", "NAME");
  add_text(app, "--ansi", o.ansi, "Colours and live progress: never, always or auto", "WHEN");
  add_text(app, "--progress", o.progress, "Progress as auto, tty, plain, json or quiet", "STYLE");
  app.add_flag("--dry-run", o.dry_run, "Print the plan and change nothing (up, down)");
  app.add_flag("--all-resources", o.all_resources, "Keep networks and volumes that no service uses");
  app.add_flag("--no-ansi", o.no_ansi)->group("");
}

void define(CLI::App& app, UpOptions& o) {
  add_services(app, o.services);
  app.add_flag("-d,--detach", o.detach, "Return once everything is started");
  app.add_flag("--wait", o.wait, "Return once everything is running or healthy");
  add_number(app, "--wait-timeout", o.wait_timeout_s, "Longest time to wait, in seconds");
  add_number(app, "-t,--timeout", o.timeout_s, "Seconds a container has to stop before it is killed", -1);
  app.add_flag("--force-recreate", o.force_recreate, "Recreate containers that have not changed, too");
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  app.add_flag("--abort-on-container-exit", o.abort_on_exit, "Stop everything when a container exits");
  app.add_flag("--abort-on-container-failure", o.abort_on_failure, "Stop everything when a container fails");
  add_text(app, "--exit-code-from", o.exit_code_from, "Exit as this service does; implies --abort-on-container-exit",
           "SERVICE");
  add_list(app, "--attach", o.attach, "Show only the logs of this service; may be repeated", "SERVICE");
  add_list(app, "--no-attach", o.no_attach, "Do not show the logs of this service; may be repeated", "SERVICE");
  app.add_flag("--attach-dependencies", o.attach_dependencies, "Show the logs of dependencies, too");
  app.add_flag("--dry-run", o.dry_run, "Print the plan and change nothing");
  add_log_style(app, o.log, "--timestamps");
}

void define(CLI::App& app, DownOptions& o) {
  add_services(app, o.services);
  app.add_flag("-v,--volumes,--volume", o.volumes, "Remove the project's named volumes, too");
  app.add_flag("--dry-run", o.dry_run, "Print the plan and change nothing");
  app.add_flag("--remove-orphans", o.remove_orphans, "Remove containers of services the file does not have");
  add_number(app, "-t,--timeout", o.timeout_s, "Seconds a container has to stop before it is killed", -1);
}

void define(CLI::App& app, StopOptions& o) {
  add_services(app, o.services);
  add_number(app, "-t,--timeout", o.timeout_s, "Seconds a container has to stop before it is killed", -1);
}

void define(CLI::App& app, KillOptions& o) {
  add_services(app, o.services);
  add_text(app, "-s,--signal", o.signal, "Signal to send", "SIGNAL");
}

void define(CLI::App& app, PsOptions& o) {
  add_services(app, o.services);
  app.add_flag("-a,--all", o.all, "Stopped containers, too");
  app.add_flag("-q,--quiet", o.quiet, "Only ids");
  app.add_flag("--services", o.only_services, "Only names of services");
  add_text(app, "--format", o.format, "table or json", "FORMAT");
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

void define(CLI::App& app, ExecOptions& o) {
  app.prefix_command();
  app.add_flag("-d,--detach", o.detach, "Do not wait for the command");
  app.add_flag("-T,--no-tty", o.no_tty, "No terminal (default if standard input or output is none)");
  app.add_flag("-i,--interactive", o.interactive, "Keep standard input open (always so)");
  app.add_flag("-t,--tty", o.tty, "A terminal (default if standard input and output are one)");
  add_list(app, "-e,--env", o.env, "Set a variable, KEY=VALUE, or KEY for the caller's; may be repeated", "VARIABLE");
  add_text(app, "-u,--user", o.user, "User, user:group, or ids", "USER");
  add_text(app, "-w,--workdir", o.workdir, "Working directory in the container", "DIRECTORY");
  app.add_option("--index", o.index, "Which replica")->option_text("NUMBER")->check([](const std::string& text) {
    return check_whole_number(text, 0);
  });
  app.add_flag("--privileged", o.privileged, "Keep all capabilities");
}

void define(CLI::App& app, AttachOptions& o) {
  app.add_option("SERVICE", o.service, "The service")->option_text(" ")->required();
  add_text(app, "--detach-keys", o.detach_keys, "Keys that leave the service running", "KEYS");
  app.add_option("--index", o.index, "Which replica")->option_text("NUMBER")->check([](const std::string& text) {
    return check_whole_number(text, 0);
  });
  app.add_flag("--no-stdin", o.no_stdin, "Only show what it writes");
  app.add_flag("--sig-proxy,!--no-sig-proxy", o.sig_proxy, "Pass signals on to the service (default)");
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
  app.add_flag("--environment", o.environment, "The variables that the file can use");
  app.add_flag("--variables", o.variables, "The variables that the file uses, with their defaults");
  app.add_flag("--no-interpolate", o.no_interpolate, "Keep ${...}");
  app.add_flag("--no-normalize", o.no_normalize, "Keep the file's own form");
  app.add_flag("--no-path-resolution", o.no_path_resolution, "Keep relative paths");
  app.add_flag("--no-consistency", o.no_consistency, "Do not check references between elements");
  app.add_flag("--no-env-resolution", o.no_env_resolution, "Do not read env_file");
}

void define(CLI::App& app, VersionOptions& o) {
  app.add_flag("--short", o.brief, "Only the number");
  add_text(app, "-f,--format", o.format, "pretty or json", "FORMAT");
}

void define(CLI::App& app, LsOptions& o) {
  app.add_flag("-a,--all", o.all, "Stopped projects, too");
  app.add_flag("-q,--quiet", o.quiet, "Only names");
  add_text(app, "--format", o.format, "table or json", "FORMAT");
}

Error wrong(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

/// What to say of a flag that `app` does not know.
Error unknown_flag(const CLI::App& app, const std::string& command, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  const std::string shown = command.empty() ? flag : command + " " + flag;
  if (is_absent_flag(command, flag)) {
    return make_error(Code::kUnsupported, fmt::format("not in this release: {}", shown));
  }
  Words known;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      known.push_back("--" + name);
    }
  }
  const auto near = flag.starts_with("--") ? nearest(flag, known) : std::nullopt;
  return wrong(fmt::format("unknown option '{}'{}{}", flag, command.empty() ? "" : fmt::format(" of '{}'", command),
                           near ? fmt::format(", did you mean '{}'?", *near) : ""));
}

Error unknown_command(const std::string& word) {
  if (is_absent_command(word)) {
    return make_error(Code::kUnsupported, fmt::format("not in this release: the command '{}'", word));
  }
  const auto near = nearest_command(word);
  return wrong(fmt::format("unknown command '{}'{}", word,
                           near ? fmt::format(", did you mean '{}'?", *near) : ", see 'cmp --help'"));
}

/// CLI11 puts several blank lines between the parts of a help text and after it.
std::string tidy(const std::string& help) {
  std::string out;
  for (const char character : help) {
    if (character != '\n' || !out.ends_with("\n\n")) {
      out += character;
    }
  }
  return out.ends_with("\n\n") ? out.substr(0, out.size() - 1) : out;
}

/// CLI11 says "--file: 1 required TEXT missing".
Error mismatch(const std::string& told) {
  return wrong(told.find(" required ") == std::string::npos
                   ? told
                   : fmt::format("{} needs a value", told.substr(0, told.find(':'))));
}

/// Runs CLI11. Gives the help text if that was asked for.
Result<std::optional<std::string>> parse_words(CLI::App& app, const std::string& command, const Words& words) {
  try {
    app.parse(Words(words.rbegin(), words.rend()));
  } catch (const CLI::CallForHelp&) {
    return std::optional(tidy(app.help()));
  } catch (const CLI::ExtrasError&) {
    for (const std::string& extra : app.remaining()) {
      if (extra.size() > 1 && extra.front() == '-') {
        return unknown_flag(app, command, extra);
      }
    }
    return wrong(fmt::format("'{}' takes no argument '{}'", command, app.remaining().front()));
  } catch (const CLI::ArgumentMismatch& error) {
    return mismatch(error.what());
  } catch (const CLI::ParseError& error) {
    return wrong(error.what());
  }
  return std::optional<std::string>();
}

/// exec's own words end where the service is named: what follows belongs to the command.
Status take_exec_words(const CLI::App& app, ExecOptions& o) {
  Words words = app.remaining();
  if (!words.empty() && words.front() != "--" && words.front().starts_with("-")) {
    return unknown_flag(app, "exec", words.front());
  }
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  }
  if (words.size() < 2) {
    return wrong("'exec' needs a service and a command: cmp exec SERVICE COMMAND [ARGS...]");
  }
  o.service = words.front();
  o.command.assign(words.begin() + 1, words.end());
  return {};
}

template <typename Options>
Result<CommandOptions> parse_command(const CommandName& command, const Words& words) {
  CLI::App app(std::string(command.summary), fmt::format("cmp {}", command.name));
  Options options;
  define(app, options);
  CMP_TRY(const auto help, parse_words(app, std::string(command.name), words));
  if (help) {
    return CommandOptions(HelpText{*help});
  }
  if constexpr (std::is_same_v<Options, ExecOptions>) {
    CMP_CHECK(take_exec_words(app, options));
  }
  return CommandOptions(std::move(options));
}

struct Parser {
  std::string_view name;
  Result<CommandOptions> (*parse)(const CommandName&, const Words&);
};

constexpr Parser kParsers[] = {
    {"up", parse_command<UpOptions>},         {"down", parse_command<DownOptions>},
    {"ps", parse_command<PsOptions>},         {"logs", parse_command<LogsOptions>},
    {"exec", parse_command<ExecOptions>},     {"stop", parse_command<StopOptions>},
    {"attach", parse_command<AttachOptions>}, {"kill", parse_command<KillOptions>},
    {"config", parse_command<ConfigOptions>}, {"version", parse_command<VersionOptions>},
    {"ls", parse_command<LsOptions>},
};

Result<CommandOptions> parse_named(const std::string& name, const Words& words) {
  for (const CommandName& command : commands()) {
    for (const Parser& parser : kParsers) {
      if (command.name == name && parser.name == name) {
        return parser.parse(command, words);
      }
    }
  }
  return unknown_command(name);
}

/// Docker Compose takes --dry-run on both sides of the command.
bool wants_dry_run(const CommandOptions& command) {
  const auto* const up = std::get_if<UpOptions>(&command);
  const auto* const down = std::get_if<DownOptions>(&command);
  return (up != nullptr && up->dry_run) || (down != nullptr && down->dry_run);
}

std::string overview() {
  std::string out = "\nCommands:\n";
  for (const CommandName& command : commands()) {
    out += fmt::format("  {:<10}{}\n", command.name, command.summary);
  }
  return out +
         "\nSee 'cmp COMMAND --help' for a command's options. What is no command but a comparison of two files "
         "is handed to diffutils' cmp.\n";
}

}  // namespace

Result<Invocation> parse(const std::vector<std::string>& arguments) {
  Invocation invocation;
  CLI::App app("Runs the services of a compose file as isolated processes of this machine, without a daemon.",
               "cmp [OPTIONS] COMMAND");
  app.prefix_command();
  app.footer(overview);
  define(app, invocation.globals);
  bool version = false;
  app.add_flag("-v,--version", version, "Print the version");
  CMP_TRY(const auto help, parse_words(app, "", arguments));
  Words rest = app.remaining();
  if (help || (rest.empty() && !version) || rest == Words{"help"}) {
    invocation.command = HelpText{help ? *help : tidy(app.help())};
    return invocation;
  }
  if (version) {
    rest = {"version"};
  } else if (rest.front().starts_with("-")) {
    return unknown_flag(app, "", rest.front());
  } else if (rest.front() == "help") {
    rest = {rest[1], "--help"};
  }
  const std::string name = rest.front();
  rest.erase(rest.begin());
  CMP_TRY(invocation.command, parse_named(name, rest));
  invocation.globals.dry_run = invocation.globals.dry_run || wants_dry_run(invocation.command);
  return invocation;
}

}  // namespace cmp::cli
