#include "state/paths.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/core.h>

#include "base/sha256.hpp"

namespace cmp::state {

namespace {

std::string from_environment(const char* variable, const char* otherwise) {
  const char* value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): one thread
  return value != nullptr && *value != '\0' ? value : otherwise;
}

/// A role works in "/", and paths go into names of devices: what is relative is meant from where the caller stands.
std::string absolute(const std::string& path) {
  std::error_code failed;
  const auto whole = std::filesystem::absolute(path, failed);
  std::string text = failed ? path : whole.lexically_normal().string();
  while (text.size() > 1 && text.ends_with('/')) {
    text.pop_back();
  }
  return text;
}

std::string device(std::string_view prefix, const Roots& roots, std::string_view what) {
  return fmt::format("{}{}", prefix, sha256_hex(fmt::format("{}\n{}", roots.run, what)).substr(0, 10));
}

constexpr std::string_view kSystemRunDir = "/run/cmp";
constexpr std::string_view kSystemStateDir = "/var/lib/cmp";

}  // namespace

Roots roots_from_environment() {
  return {absolute(from_environment("CMP_RUN_DIR", kSystemRunDir.data())),
          absolute(from_environment("CMP_STATE_DIR", kSystemStateDir.data()))};
}

std::string networks_file(const Roots& roots) {
  return roots.state == kSystemStateDir ? "/etc/cmp/networks.json" : roots.state + "/networks.json";
}

Paths::Paths(Roots roots, std::string project) : roots_(std::move(roots)), project_(std::move(project)) {}

std::string Paths::run_dir() const {
  return fmt::format("{}/{}", roots_.run, project_);
}

std::string Paths::lock() const {
  return fmt::format("{}/{}.lock", roots_.run, project_);
}

std::string Paths::control_socket() const {
  return run_dir() + "/control";
}

std::string Paths::guardian_record() const {
  return run_dir() + "/guardian.json";
}

std::string Paths::supervisor_record() const {
  return run_dir() + "/supervisor.json";
}

std::string Paths::containers_dir() const {
  return run_dir() + "/containers";
}

std::string Paths::container_record(std::string_view container) const {
  return fmt::format("{}/{}.json", containers_dir(), container);
}

std::string Paths::container_run_dir(std::string_view container) const {
  return fmt::format("{}/{}", containers_dir(), container);
}

std::string Paths::networks_dir() const {
  return run_dir() + "/networks";
}

std::string Paths::network_record(std::string_view network) const {
  return fmt::format("{}/{}.json", networks_dir(), network);
}

std::string Paths::granted_dir(std::string_view container) const {
  return container_run_dir(container) + "/granted";
}

std::string Paths::images_dir(std::string_view container) const {
  return container_run_dir(container) + "/images";
}

std::string Paths::state_dir() const {
  return fmt::format("{}/projects/{}", roots_.state, project_);
}

std::string Paths::desired() const {
  return state_dir() + "/project.json";
}

std::string Paths::addresses() const {
  return state_dir() + "/addresses.json";
}

std::string Paths::containers_state_dir() const {
  return state_dir() + "/containers";
}

std::string Paths::container_state_dir(std::string_view container) const {
  return fmt::format("{}/{}", containers_state_dir(), container);
}

std::string Paths::logs_dir() const {
  return state_dir() + "/logs";
}

std::string Paths::log_file(std::string_view container, std::string_view stream) const {
  return fmt::format("{}/{}.{}", logs_dir(), container, stream);
}

std::string Paths::volume_dir(std::string_view volume_name) const {
  return fmt::format("{}/{}", volumes_dir(roots_), volume_name);
}

std::string Paths::volume_data(std::string_view volume_name) const {
  return volume_dir(volume_name) + "/_data";
}

std::string Paths::volume_record(std::string_view volume_name) const {
  return volume_dir(volume_name) + "/volume.json";
}

std::string Paths::host_layer() const {
  return roots_.state + "/layers/host";
}

std::string external_file(const Roots& roots, std::string_view kind, std::string_view name) {
  return fmt::format("{}/external/{}s/{}", roots.state, kind, name);
}

std::string seccomp_dir(const Roots& roots) {
  return roots.state + "/seccomp";
}

std::string volumes_dir(const Roots& roots) {
  return roots.state + "/volumes";
}

std::string volumes_lock(const Roots& roots) {
  return roots.state + "/volumes.lock";
}

std::string trash_dir(const Roots& roots) {
  return roots.state + "/trash";
}

std::string bridge_device(const Roots& roots, std::string_view network_name) {
  return device("cmpb", roots, network_name);
}

std::string veth_device(const Roots& roots, std::string_view container, std::string_view network_name) {
  return device("cmpv", roots, fmt::format("{}\n{}", container, network_name));
}

std::string filter_table(const Roots& roots, std::string_view project) {
  return roots.run == kSystemRunDir ? fmt::format("cmp-{}", project)
                                    : fmt::format("cmp-{}-{}", sha256_hex(roots.run).substr(0, 8), project);
}

std::string cgroup_project_path(const Roots& roots, std::string_view project) {
  // The system's own run directory gets the plain name; every other one a name of its own beside it.
  const std::string top = roots.run == kSystemRunDir ? "cmp" : "cmp-" + sha256_hex(roots.run).substr(0, 8);
  return fmt::format("{}/{}", top, project);
}

std::string cgroup_path(const Roots& roots, std::string_view project, std::string_view container) {
  return fmt::format("{}/{}", cgroup_project_path(roots, project), container);
}

}  // namespace cmp::state
