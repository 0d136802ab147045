#pragma once
// The command line of an OCI runtime, as runc has it: options before and after the command, --name value and
// --name=value.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace cmp::cli {

struct OciArguments {
  std::string command;
  std::map<std::string, std::vector<std::string>> options;  ///< by long name; a flag has "true"
  std::vector<std::string> operands;                        ///< the container's id, then the rest

  [[nodiscard]] bool has(const std::string& name) const { return options.contains(name); }

  [[nodiscard]] bool flag(const std::string& name) const { return text(name) == "true"; }

  /// The last value; "" if there is none.
  [[nodiscard]] std::string text(const std::string& name) const {
    const auto it = options.find(name);
    return it == options.end() ? "" : it->second.back();
  }

  [[nodiscard]] std::vector<std::string> all(const std::string& name) const {
    const auto it = options.find(name);
    return it == options.end() ? std::vector<std::string>() : it->second;
  }

  /// nullopt if it is not given; kInvalid if it is no whole number.
  [[nodiscard]] Result<std::optional<long long>> number(const std::string& name) const;
};

/// kInvalid: a command or an option that is none, a number of operands that does not fit.
[[nodiscard]] Result<OciArguments> parse_oci_arguments(const std::vector<std::string>& arguments);

/// The commands, one a line, for `--help`.
[[nodiscard]] std::string oci_usage();

}  // namespace cmp::cli
