#include "cli/unit_file.hpp"

#include <fmt/core.h>

namespace cmp::cli {

namespace {

/// In double quotes; a percent sign would begin a specifier.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    out += c == '%' ? "%%" : c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  }
  return out + '"';
}

}  // namespace

std::string unit_name(const std::string& project) {
  return fmt::format("cmp-{}.service", project);
}

std::string unit_file(const std::string& project, const std::string& program,
                      const std::map<std::string, std::string>& environment) {
  std::string variables;
  for (const auto& [name, value] : environment) {
    variables += fmt::format("Environment={}\n", quoted(name + "=" + value));
  }
  // Guardian, supervisor and services are nothing that stopping the unit should end.
  return fmt::format(
      "# Written by 'cmp enable', removed by 'cmp disable'.\n"
      "[Unit]\n"
      "Description=Services of the compose project {0}\n"
      "Wants=network-online.target\n"
      "After=network-online.target local-fs.target\n"
      "\n"
      "[Service]\n"
      "Type=oneshot\n"
      "RemainAfterExit=yes\n"
      "KillMode=process\n"
      "TimeoutStartSec=infinity\n"
      "{1}"
      "ExecStart={2} --project-name {0} resume\n"
      "\n"
      "[Install]\n"
      "WantedBy=multi-user.target\n",
      project, variables, quoted(program));
}

}  // namespace cmp::cli
