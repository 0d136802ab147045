#include <sys/stat.h>
#include <unistd.h>

#include <array>

#include <climits>
#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/unit_file.hpp"
#include "supervisor/desired.hpp"
#include "sys/file.hpp"

// `enable` and `disable`: the unit and the link by which systemd starts it, as `systemctl enable` makes them.

namespace cmp::cli {

namespace {

constexpr const char* kUnitDirectory = "/etc/systemd/system";

struct Places {
  std::string unit, link;
};

Places places_of(const std::string& directory, const std::string& project) {
  const std::string units = directory.empty() ? kUnitDirectory : directory;
  const std::string name = unit_name(project);
  return {fmt::format("{}/{}", units, name), fmt::format("{}/multi-user.target.wants/{}", units, name)};
}

Status check_systemd(const std::string& directory, const std::string& project) {
  // What sd_booted(3) looks for.
  if (directory.empty() && !sys::exists("/run/systemd/system")) {
    return make_error(Code::kUnsupported,
                      fmt::format("this machine does not run systemd (there is no /run/systemd/system): have "
                                  "'cmp --project-name {} resume' run at boot by what it runs instead",
                                  project));
  }
  return {};
}

Result<std::string> own_program() {
  std::array<char, PATH_MAX> path{};
  const ssize_t size = ::readlink("/proc/self/exe", path.data(), path.size());
  if (size < 0) {
    return sys_error("read /proc/self/exe");
  }
  return std::string(path.data(), static_cast<std::size_t>(size));
}

std::map<std::string, std::string> kept_variables(const Context& context) {
  std::map<std::string, std::string> out;
  for (const char* name : {"CMP_RUN_DIR", "CMP_STATE_DIR", "CMP_REGISTRIES"}) {
    if (const auto found = context.environment.find(name); found != context.environment.end()) {
      out.insert(*found);
    }
  }
  return out;
}

Status make_link(const Places& places) {
  CMP_CHECK(sys::make_directories(places.link.substr(0, places.link.rfind('/')), 0755));
  if (::symlink(places.unit.c_str(), places.link.c_str()) != 0 && errno != EEXIST) {
    return sys_error(fmt::format("make the link '{}'", places.link));
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const EnableOptions& options) {
  CMP_CHECK(need_root("enable"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_CHECK(check_systemd(options.unit_dir, paths.project()));
  const auto desired = supervisor::read_desired(paths);
  if (!desired) {
    return make_error(Code::kNotFound,
                      fmt::format("project '{}' is not up: 'cmp up -d' first, then 'cmp enable'", paths.project()));
  }
  if (desired->returning.empty()) {
    print_error(fmt::format(
        "warning: no service of '{}' runs with 'restart: always' or 'unless-stopped': none will come back\n",
        paths.project()));
  }
  const Places places = places_of(options.unit_dir, paths.project());
  CMP_TRY(const std::string program, own_program());
  CMP_CHECK(sys::make_directories(places.unit.substr(0, places.unit.rfind('/')), 0755));
  CMP_CHECK(sys::write_file_atomically(places.unit, unit_file(paths.project(), program, kept_variables(context))));
  if (::chmod(places.unit.c_str(), 0644) != 0) {
    return sys_error(fmt::format("make '{}' readable", places.unit));
  }
  CMP_CHECK(make_link(places));
  print_error(fmt::format("Wrote {}: when the machine starts, '{}' is resumed\n", places.unit, paths.project()));
  return 0;
}

Result<int> run_command(const Context& context, const DisableOptions& options) {
  CMP_CHECK(need_root("disable"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  const Places places = places_of(options.unit_dir, paths.project());
  const bool linked = ::unlink(places.link.c_str()) == 0;
  const bool there = ::unlink(places.unit.c_str()) == 0;
  if (!linked && !there) {
    return make_error(Code::kNotFound,
                      fmt::format("project '{}' is not enabled: there is no {}", paths.project(), places.unit));
  }
  print_error(fmt::format("Removed {}\n", places.unit));
  return 0;
}

}  // namespace cmp::cli
