#include "cli/parse.hpp"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "cli/define.hpp"
#include "cli/vocabulary.hpp"

namespace cmp::cli {

namespace {

using Words = std::vector<std::string>;

Error wrong(std::string message) {
  return make_error(Code::kInvalid, std::move(message));
}

/// What to say of a flag that `app` does not know.
Error unknown_flag(const CLI::App& app, const std::string& command, const std::string& word) {
  const std::string flag = word.substr(0, word.find('='));
  const std::string shown = command.empty() ? flag : command + " " + flag;
  if (const auto reason = refusal(command, flag)) {
    return make_error(Code::kUnsupported, fmt::format("{}: {}", shown, *reason));
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
  if (const auto reason = refusal(word, "")) {
    return make_error(Code::kUnsupported, fmt::format("there is no '{}': {}", word, *reason));
  }
  const auto near = nearest_command(word);
  return wrong(fmt::format("unknown command '{}'{}", word,
                           near ? fmt::format(", did you mean '{}'?", *near) : ", see 'cmp --help'"));
}

void erase_all(std::string& text, const std::string& word) {
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
    text.erase(at, word.size());
  }
}

/// CLI11 puts several blank lines between the parts of a help text and after it, shows every name of an option, and
/// "{false}" behind a flag that switches something off.
std::string tidy(const std::string& command, std::string help) {
  erase_all(help, "{false}");
  for (const DeprecatedFlag& deprecated : deprecated_flags()) {
    if (deprecated.command == command) {
      erase_all(help, fmt::format(",{}", deprecated.flag));
    }
  }
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
    return std::optional(tidy(command, app.help()));
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

/// The options of exec and run end where the service is named: what follows belongs to the command.
template <typename Options>
Status take_command_words(const CLI::App& app, const std::string& command, std::size_t least, Options& o) {
  Words words = app.remaining();
  if (!words.empty() && words.front() != "--" && words.front().starts_with("-")) {
    return unknown_flag(app, command, words.front());
  }
  if (!words.empty() && words.front() == "--") {
    words.erase(words.begin());
  }
  if (words.size() < least) {
    return wrong(least == 1 ? "'run' needs a service: cmp run SERVICE [COMMAND] [ARGS...]"
                            : "'exec' needs a service and a command: cmp exec SERVICE COMMAND [ARGS...]");
  }
  o.service = words.front();
  o.command.assign(words.begin() + 1, words.end());
  return {};
}

/// Among the words that were options of the command.
void warn_of_deprecated(const std::string& command, Words words, const CLI::App& app, Words& warnings) {
  words.resize(words.size() - std::min(words.size(), app.remaining().size()));
  for (const DeprecatedFlag& deprecated : deprecated_flags()) {
    const auto is_it = [&](const std::string& word) { return word.substr(0, word.find('=')) == deprecated.flag; };
    if (deprecated.command == command && std::ranges::any_of(words, is_it)) {
      warnings.push_back(deprecated.instead.empty()
                             ? fmt::format("{} has no effect any more", deprecated.flag)
                             : fmt::format("{} is deprecated, use {}", deprecated.flag, deprecated.instead));
    }
  }
}

template <typename Options>
Result<CommandOptions> parse_command(const CommandName& command, const Words& words, Words& warnings) {
  CLI::App app(std::string(command.summary), fmt::format("cmp {}", command.name));
  Options options;
  define(app, options);
  CMP_TRY(const auto help, parse_words(app, std::string(command.name), words));
  if (help) {
    return CommandOptions(HelpText{*help});
  }
  warn_of_deprecated(std::string(command.name), words, app, warnings);
  if constexpr (std::is_same_v<Options, ExecOptions>) {
    CMP_CHECK(take_command_words(app, "exec", 2, options));
  }
  if constexpr (std::is_same_v<Options, RunOptions>) {
    CMP_CHECK(take_command_words(app, "run", 1, options));
  }
  return CommandOptions(std::move(options));
}

bool is_deprecated(std::string_view command, std::string_view flag) {
  return std::ranges::any_of(deprecated_flags(), [&](const DeprecatedFlag& deprecated) {
    return deprecated.command == command && deprecated.flag == flag;
  });
}

std::vector<Flag> flags_in(const CLI::App& app, std::string_view command) {
  std::vector<Flag> out;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option->get_group().empty()) {
      continue;
    }
    Flag flag{.names = {}, .value = option->get_items_expected_max() == 0 ? "" : option->get_option_text(), .help = ""};
    for (const std::string& name : option->get_snames()) {
      flag.names.push_back("-" + name);
    }
    for (const std::string& name : option->get_lnames()) {
      flag.names.push_back("--" + name);
    }
    std::erase_if(flag.names, [&](const std::string& name) { return is_deprecated(command, name); });
    flag.help = option->get_description();
    out.push_back(std::move(flag));
  }
  return out;
}

template <typename Options>
std::vector<Flag> flags_of_command(std::string_view command) {
  CLI::App app;
  Options options;
  define(app, options);
  return flags_in(app, command);
}

struct Parser {
  std::string_view name;
  Result<CommandOptions> (*parse)(const CommandName&, const Words&, Words&);
  std::vector<Flag> (*flags)(std::string_view);
};

template <typename Options>
constexpr Parser parser(std::string_view name) {
  return {name, parse_command<Options>, flags_of_command<Options>};
}

constexpr Parser kParsers[] = {
    parser<UpOptions>("up"),           parser<DownOptions>("down"),
    parser<StartOptions>("start"),     parser<PlanOptions>("plan"),
    parser<HistoryOptions>("history"), parser<DiffOptions>("diff"),
    parser<StopOptions>("stop"),       parser<RestartOptions>("restart"),
    parser<CreateOptions>("create"),   parser<ScaleOptions>("scale"),
    parser<RemoveOptions>("rm"),       parser<RunOptions>("run"),
    parser<PauseOptions>("pause"),     parser<UnpauseOptions>("unpause"),
    parser<KillOptions>("kill"),       parser<WaitOptions>("wait"),
    parser<PsOptions>("ps"),           parser<TopOptions>("top"),
    parser<EventsOptions>("events"),   parser<PortOptions>("port"),
    parser<LogsOptions>("logs"),       parser<ExecOptions>("exec"),
    parser<AttachOptions>("attach"),   parser<ConfigOptions>("config"),
    parser<LsOptions>("ls"),           parser<VersionOptions>("version"),
    parser<PullOptions>("pull"),       parser<PushOptions>("push"),
    parser<BuildOptions>("build"),     parser<ImagesOptions>("images"),
    parser<LoadOptions>("load"),       parser<SaveOptions>("save"),
    parser<RmiOptions>("rmi"),         parser<GcOptions>("gc"),
    parser<GcOptions>("prune"),        parser<NetworkOptions>("network"),
    parser<GraphOptions>("graph"),     parser<WhyOptions>("why"),
    parser<InspectOptions>("inspect"), parser<ResumeOptions>("resume"),
    parser<EnableOptions>("enable"),   parser<DisableOptions>("disable"),
    parser<DoctorOptions>("doctor"),   parser<StatsOptions>("stats"),
    parser<VolumesOptions>("volumes"), parser<VolumeOptions>("volume"),
    parser<CpOptions>("cp"),           parser<ExportOptions>("export"),
    parser<WatchOptions>("watch"),     parser<RollbackOptions>("rollback"),
};

Result<CommandOptions> parse_named(const std::string& name, const Words& words, Words& warnings) {
  for (const CommandName& command : commands()) {
    for (const Parser& parser : kParsers) {
      if (command.name == name && parser.name == name) {
        return parser.parse(command, words, warnings);
      }
    }
  }
  return unknown_command(name);
}

/// Docker Compose takes --dry-run on both sides of the command.
bool wants_dry_run(const CommandOptions& command) {
  return std::visit(
      [](const auto& options) {
        if constexpr (requires { options.dry_run; }) {
          return options.dry_run;
        } else {
          return false;
        }
      },
      command);
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

std::vector<Flag> flags_of(std::string_view command) {
  if (command.empty()) {
    return flags_of_command<Globals>("");
  }
  for (const Parser& parser : kParsers) {
    if (parser.name == command) {
      return parser.flags(parser.name);
    }
  }
  return {};
}

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
    invocation.command = HelpText{help ? *help : tidy("", app.help())};
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
  warn_of_deprecated("", arguments, app, invocation.warnings);
  CMP_TRY(invocation.command, parse_named(name, rest, invocation.warnings));
  invocation.globals.dry_run = invocation.globals.dry_run || wants_dry_run(invocation.command);
  return invocation;
}

}  // namespace cmp::cli
