#include <charconv>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/running_container.hpp"

namespace cmp::cli {

namespace {

/// Docker's words.
Error not_published(const state::ContainerRecord& record, int port, const std::string& protocol) {
  std::vector<std::string> published;
  for (const state::PublishedPort& other : record.ports) {
    published.push_back(fmt::format("{}/{}", other.host_port, other.protocol));
  }
  return make_error(Code::kNotFound,
                    fmt::format("no port {}/{} for container {}: {}", port, protocol, record.name, join(published)));
}

}  // namespace

Result<int> run_command(const Context& context, const PortOptions& options) {
  int port = 0;
  const char* const end = options.port.data() + options.port.size();
  if (std::from_chars(options.port.data(), end, port).ptr != end || port < 1 || port > 65535) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no port", options.port));
  }
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths, false, options.service));
  CMP_CHECK(check_services(context, {options.service}, containers));
  CMP_TRY(const auto record, running_container(containers, options.service, options.index));
  for (const state::PublishedPort& published : record.ports) {
    if (published.target == port && published.protocol == options.protocol) {
      const std::string address = published.host_ip.empty() ? "0.0.0.0" : published.host_ip;
      const bool six = address.find(':') != std::string::npos;
      CMP_CHECK(print(fmt::format("{}{}{}:{}\n", six ? "[" : "", address, six ? "]" : "", published.host_port)));
      return 0;
    }
  }
  return not_published(record, port, options.protocol);
}

}  // namespace cmp::cli
