#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/diagnosis.hpp"
#include "cli/host_facts.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

namespace {

std::string json_lines(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    const nlohmann::ordered_json line = {{"Subject", finding.subject},
                                         {"Grade", grade_word(finding.grade)},
                                         {"Found", finding.found},
                                         {"Way", finding.way},
                                         {"Remedy", finding.remedy}};
    out += line.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
  }
  return out;
}

}  // namespace

Result<int> run_command(const Context& context, const DoctorOptions& options) {
  if (!options.format.empty() && options.format != "text" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither text nor json", options.format));
  }
  const std::vector<Finding> findings = diagnose(find_host_facts(context));
  CMP_CHECK(print(options.format == "json" ? json_lines(findings) : render(findings)));
  return can_run(findings) ? 0 : 1;
}

}  // namespace cmp::cli
