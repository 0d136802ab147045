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

}  // namespace cmp::cli
