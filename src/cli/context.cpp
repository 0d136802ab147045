#include "cli/context.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <set>

#include <fmt/core.h>

#include "cli/orphans.hpp"
#include "cli/output.hpp"
#include "cli/report.hpp"
#include "supervisor/client.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

/// $PWD where it names the current directory, so that symbolic links on the way stay as the user sees them.
std::string current_directory(const std::map<std::string, std::string>& environment) {
  struct stat here {
  }, there{};

  const auto pwd = environment.find("PWD");
  if (pwd != environment.end() && pwd->second.starts_with('/') && ::stat(pwd->second.c_str(), &there) == 0 &&
      ::stat(".", &here) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
    return pwd->second;
  }
  char* const path = ::getcwd(nullptr, 0);
  std::string out = path != nullptr ? path : "/";
  ::free(path);  // NOLINT(cppcoreguidelines-no-malloc): getcwd has made it
  return out;
}

bool has_living_supervisor(const state::Paths& paths) {
  const auto role = state::read_role(paths.supervisor_record());
  return role && state::alive(*role);
}

/// Brings supervisor and guardian back if both have been killed. The answer means that it has looked at what is there.
Status ping(const state::Paths& paths) {
  CMP_TRY(auto client, supervisor::Client::connect_or_start(paths));
  supervisor::Request request;
  request.operation = supervisor::Operation::kPing;
  request.who = who("ping");
  CMP_CHECK(client.send(request));
  CMP_TRY(const auto answer, client.next());
  static_cast<void>(answer);
  return {};
}

/// Records that only root may read would look as if nothing ran.
Status check_readable(const state::Paths& paths) {
  CMP_TRY(const auto names, sys::list_directory(paths.containers_dir()));
  for (const std::string& name : names) {
    const std::string file = paths.containers_dir() + "/" + name;
    if (name.ends_with(".json") && ::access(file.c_str(), R_OK) != 0 && errno == EACCES) {
      return make_error(Code::kPermission,
                        fmt::format("project '{}' is root's, only root may look at it (try: sudo)", paths.project()));
    }
  }
  return {};
}

/// A name can be had without the files; a file that was named and is not there is a slip all the same.
Status check_named_files(const Context& context) {
  if (context.environment.contains("COMPOSE_PROJECT_NAME")) {
    return {};
  }
  for (const std::string& file : context.globals.files) {
    if (file != "-" && !sys::exists(file)) {
      return make_error(Code::kNotFound, fmt::format("open '{}': no such file or directory", file));
    }
  }
  return {};
}

}  // namespace

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (const char* const equals = std::strchr(*entry, '='); equals != nullptr) {
      out.emplace(std::string(*entry, static_cast<std::size_t>(equals - *entry)), equals + 1);
    }
  }
  return out;
}

compose::LoadOptions load_options(const Context& context, const std::vector<std::string>& services) {
  compose::LoadOptions options;
  options.cwd = current_directory(context.environment);
  options.environment = context.environment;
  options.files = context.globals.files;
  options.env_files = context.globals.env_files;
  options.profiles = context.globals.profiles;
  options.services = services;
  options.project_name = context.globals.project_name;
  options.project_directory = context.globals.project_directory;
  options.read_stdin = [input = context.standard_input]() -> Result<std::string> {
    CMP_TRY(*input, sys::read_all(STDIN_FILENO));
    return *input;
  };
  options.all_resources = context.globals.all_resources;
  return options;
}

Result<state::Paths> project_paths(const Context& context) {
  CMP_CHECK(check_named_files(context));
  CMP_TRY(std::string name, compose::project_name(load_options(context)));
  return state::Paths(state::roots_from_environment(), std::move(name));
}

Result<std::vector<state::ContainerRecord>> current_containers(const state::Paths& paths, bool look_only,
                                                               const std::string& service) {
  if (!supervisor::Client::project_exists(paths)) {
    return std::vector<state::ContainerRecord>();
  }
  const bool root = ::geteuid() == 0 && !look_only;
  if (root && !has_living_supervisor(paths)) {
    CMP_CHECK(ping(paths));
  }
  if (::geteuid() != 0) {
    CMP_CHECK(check_readable(paths));
  }
  CMP_TRY(auto containers, state::read_containers(paths, state::Check::kWithKernel, service));
  const auto unnoted = [](const state::ContainerRecord& record) { return record.exit_unknown; };
  if (root && std::any_of(containers.begin(), containers.end(), unnoted)) {
    CMP_CHECK(ping(paths));
    CMP_TRY(containers, state::read_containers(paths, state::Check::kWithKernel, service));
  }
  return containers;
}

Status need_root(std::string_view command) {
  if (::geteuid() == 0) {
    return {};
  }
  return make_error(Code::kPermission, fmt::format("cmp {} needs root: namespaces, networks and cgroups are root's "
                                                   "(try: sudo cmp {})",
                                                   command, command));
}

bool is_wanted(const std::vector<std::string>& named, const std::string& service) {
  return named.empty() || std::find(named.begin(), named.end(), service) != named.end();
}

Status check_services(const Context& context, const std::vector<std::string>& named,
                      const std::vector<state::ContainerRecord>& containers) {
  std::set<std::string> known;
  for (const state::ContainerRecord& record : containers) {
    known.insert(record.service);
  }
  const auto unknown = [&](const std::string& name) { return !known.contains(name); };
  if (std::none_of(named.begin(), named.end(), unknown)) {
    return {};
  }
  // Only now the file: most calls name services that run.
  if (const auto loaded = compose::load(load_options(context)); loaded) {
    for (const auto& [name, service] : loaded->project.services) {
      known.insert(name);
    }
    known.insert(loaded->disabled_services.begin(), loaded->disabled_services.end());
  }
  const auto missing = std::find_if(named.begin(), named.end(), unknown);
  return missing == named.end() ? Status() : make_error(Code::kNotFound, fmt::format("no such service: {}", *missing));
}

std::string who(std::string_view command) {
  return fmt::format("cmp {} (pid {})", command, ::getpid());
}

Status inform(const Context& context, const std::string& line) {
  CMP_TRY(const bool to_output, is_switched_on(context.environment, "COMPOSE_STATUS_STDOUT"));
  if (to_output) {
    return print(line);
  }
  print_error(line);
  return {};
}

void print_warnings(const std::vector<compose::Warning>& warnings) {
  std::set<std::string> seen;
  for (const compose::Warning& warning : warnings) {
    const std::string place = warning.where.str();
    const std::string line =
        harmless(fmt::format("warning: {}{}{}\n", place, place.empty() ? "" : ": ", warning.message));
    if (seen.insert(line).second) {
      print_error(line);
    }
  }
}

Result<compose::Loaded> load_loudly(const compose::LoadOptions& options) {
  std::vector<compose::Warning> warnings;
  auto loaded = compose::load(options, &warnings);
  print_warnings(warnings);
  return loaded;
}

PrinterOptions printer_options(const Context& context) {
  return {.mode = context.style.progress, .colour = context.style.colour_err, .dry_run = context.globals.dry_run};
}

}  // namespace cmp::cli
