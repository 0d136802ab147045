#include "container/process.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/mounts.hpp"

namespace cmp::container {

namespace {

constexpr const char* kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr std::size_t kIdDigitsInHostname = 12;

auto find_variable(std::vector<std::string>& environment, const std::string& key) {
  return std::ranges::find_if(environment,
                              [prefix = key + '='](const std::string& entry) { return entry.starts_with(prefix); });
}

void remove_variable(std::vector<std::string>& environment, const std::string& key) {
  if (const auto it = find_variable(environment, key); it != environment.end()) {
    environment.erase(it);
  }
}

Status check_variable(const model::Service& service, const std::string& key, const std::string& value) {
  if (key.empty() || key.find('=') != std::string::npos || key.find('\0') != std::string::npos) {
    return blame(service, "environment", Code::kInvalid, fmt::format("'{}' is no name of a variable", key));
  }
  if (value.find('\0') != std::string::npos) {
    return blame(service, "environment", Code::kInvalid, fmt::format("the value of '{}' holds a NUL byte", key));
  }
  return {};
}

}  // namespace

std::string hostname_of(const model::Service& service, const Facts& facts) {
  if (!service.hostname.empty()) {
    return service.hostname;
  }
  return facts.default_hostname.empty() ? facts.id.substr(0, kIdDigitsInHostname) : facts.default_hostname;
}

Result<std::vector<std::string>> argv_of(const model::Service& service) {
  std::vector<std::string> argv = service.entrypoint.value_or(std::vector<std::string>());
  const auto command = service.command.value_or(std::vector<std::string>());
  argv.insert(argv.end(), command.begin(), command.end());
  if (argv.empty() || argv.front().empty()) {
    return blame(service, service.entrypoint ? "entrypoint" : "command", Code::kInvalid,
                 service.rootfs == "host"
                     ? "x-rootfs: host needs a command or an entrypoint: there is no image to name one"
                     : "neither the service nor its image names a program to run");
  }
  return argv;
}

void set_variable(std::vector<std::string>& environment, const std::string& key, const std::string& value) {
  std::string entry = key + '=' + value;
  if (const auto it = find_variable(environment, key); it != environment.end()) {
    *it = std::move(entry);
  } else {
    environment.push_back(std::move(entry));
  }
}

Result<std::vector<std::string>> environment_of(const model::Service& service, const Facts& facts) {
  std::vector<std::string> environment;
  set_variable(environment, "PATH", kDefaultPath);
  set_variable(environment, "HOSTNAME", hostname_of(service, facts));
  if (service.tty) {
    set_variable(environment, "TERM", "xterm");
  }
  for (const auto& [key, value] : service.environment) {
    CMP_CHECK(check_variable(service, key, value.value_or("")));
    if (value) {
      set_variable(environment, key, *value);
    } else {
      remove_variable(environment, key);
    }
  }
  return environment;
}

std::string working_dir_of(const model::Service& service) {
  return clean_path(service.working_dir);
}

}  // namespace cmp::container
