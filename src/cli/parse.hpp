#pragma once
// The command line to options. The only file of the program that sees CLI11 is parse.cpp.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"

namespace cmp::cli {

/// `arguments` without the program's name. Errors are kInvalid (unknown command or flag, with the nearest one; a value
/// that cannot be) or kUnsupported ("not in this release: …" for what Docker Compose has and cmp does not yet).
[[nodiscard]] Result<Invocation> parse(const std::vector<std::string>& arguments);

/// An option as `--help` shows it.
struct Flag {
  std::vector<std::string> names;  ///< "-f", "--file"
  std::string value;               ///< what kind of value it takes, "FILE"; "" for none
  std::string help;
};

/// The options of a command, those of --help included; the global ones for "". Empty for a command that is not there.
[[nodiscard]] std::vector<Flag> flags_of(std::string_view command);

}  // namespace cmp::cli
