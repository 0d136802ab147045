#include "cli/style.hpp"

#include <fmt/core.h>

namespace cmp::cli {

namespace {

using Environment = std::map<std::string, std::string>;

std::string variable(const Environment& environment, const char* name) {
  const auto it = environment.find(name);
  return it == environment.end() ? std::string() : it->second;
}

Result<std::string> ansi_choice(const Globals& globals, const Environment& environment) {
  if (!variable(environment, "NO_COLOR").empty() || globals.no_ansi) {
    return std::string("never");
  }
  std::string choice = globals.ansi.empty() ? variable(environment, "COMPOSE_ANSI") : globals.ansi;
  if (choice.empty()) {
    choice = "auto";
  }
  if (choice != "never" && choice != "always" && choice != "auto") {
    return make_error(Code::kInvalid,
                      fmt::format("invalid value '{}' for --ansi: never, always and auto are possible", choice));
  }
  return choice;
}

Result<ProgressMode> progress_choice(const std::string& choice, bool live_possible) {
  if (choice.empty() || choice == "auto") {
    return live_possible ? ProgressMode::kLive : ProgressMode::kPlain;
  }
  if (choice == "tty") {
    return ProgressMode::kLive;
  }
  if (choice == "plain") {
    return ProgressMode::kPlain;
  }
  if (choice == "json") {
    return ProgressMode::kJson;
  }
  if (choice == "quiet" || choice == "none") {
    return ProgressMode::kQuiet;
  }
  return make_error(Code::kInvalid, fmt::format("unsupported --progress value \"{}\"", choice));
}

}  // namespace

Result<Style> decide_style(const Globals& globals, const Environment& environment, const Terminals& terminals) {
  CMP_TRY(const std::string ansi, ansi_choice(globals, environment));
  const bool dumb = variable(environment, "TERM") == "dumb";
  const auto on = [&](bool terminal) { return ansi == "always" || (ansi == "auto" && terminal && !dumb); };
  Style style;
  style.colour_out = on(terminals.out);
  style.colour_err = on(terminals.err);
  const std::string progress = globals.progress.empty() ? variable(environment, "COMPOSE_PROGRESS") : globals.progress;
  CMP_TRY(style.progress, progress_choice(progress, terminals.err && ansi != "never" && !dumb));
  return style;
}

}  // namespace cmp::cli
