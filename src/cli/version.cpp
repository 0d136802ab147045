#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

Result<int> run_command(const Context&, const VersionOptions& options) {
  if (!options.format.empty() && options.format != "pretty" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither pretty nor json", options.format));
  }
  if (options.brief) {
    CMP_CHECK(print(CMP_VERSION "\n"));
  } else if (options.format == "json") {
    CMP_CHECK(print("{\"version\":\"v" CMP_VERSION "\"}\n"));
  } else {
    CMP_CHECK(print("cmp version v" CMP_VERSION "\n"));
  }
  return 0;
}

}  // namespace cmp::cli
