#pragma once
// Colours and live output: what the options, the environment and the terminals decide together. Pure.

#include <map>
#include <string>

#include "base/result.hpp"
#include "cli/options.hpp"

namespace cmp::cli {

enum class ProgressMode { kLive, kPlain, kJson, kQuiet };

struct Terminals {
  bool out = false, err = false;  ///< whether standard output and standard error are terminals
};

struct Style {
  bool colour_out = false, colour_err = false;
  ProgressMode progress = ProgressMode::kPlain;
};

/// --ansi and --progress, else COMPOSE_ANSI and COMPOSE_PROGRESS, else by the terminals; NO_COLOR and TERM=dumb switch
/// colours off. Errors: "unsupported --progress value …", "invalid value for --ansi …".
[[nodiscard]] Result<Style> decide_style(const Globals& globals, const std::map<std::string, std::string>& environment,
                                         const Terminals& terminals);

}  // namespace cmp::cli
