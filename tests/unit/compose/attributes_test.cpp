#include "compose/attributes.hpp"

#include <fstream>
#include <map>
#include <set>
#include <string>

#include <doctest/doctest.h>

#include "compose/schema_text.hpp"

namespace {

using namespace cmp::compose;  // NOLINT(google-build-using-namespace): a test of this namespace

/// The paths of the schema, as the specification lists them.
std::set<std::string> schema_paths() {
  std::ifstream file(CMP_TEST_DATA "/schema_paths.txt");
  std::set<std::string> paths;
  for (std::string line; std::getline(file, line);) {
    paths.insert(line);
  }
  return paths;
}

/// The paths in the tables of compose-spec.md: `key` in the first column, below a line that says what it is relative
/// to.
std::set<std::string> paths_in_reference(std::istream& reference) {
  std::set<std::string> paths;
  std::string above;
  for (std::string line; std::getline(reference, line) && !line.starts_with("# 2.");) {
    const std::size_t end = line.find('`', line.find('`') + 1);
    if (line.starts_with("## ")) {
      above.clear();
    } else if (line.starts_with("Paths relative to `")) {
      above = line.substr(19, end - 19) + ".";
    } else if (line.starts_with("| `")) {
      paths.insert(above + line.substr(3, end - 3));
    }
  }
  return paths;
}

std::map<std::string, Attribute> all_rows() {
  std::map<std::string, Attribute> rows;
  for (const auto group : attribute_groups()) {
    for (const Attribute& row : group) {
      CHECK_MESSAGE(rows.emplace(row.path, row).second, row.path);
    }
  }
  return rows;
}

std::string keys_of(const char* path) {
  std::string text;
  const Shape* shape = find_shape(path);
  REQUIRE(shape != nullptr);
  for (const Shape::Key& key : shape->keys()) {
    text += (text.empty() ? "" : " ") + std::string(key.name);
  }
  return text;
}

}  // namespace

TEST_CASE("every path of the schema has a row in the attribute table") {
  const auto paths = schema_paths();
  CHECK(paths.size() == 353);
  for (const std::string& path : paths) {
    CHECK_MESSAGE(find_attribute(path) != nullptr, path);
  }
}

TEST_CASE("the paths of the schema are those of the reference") {
  std::ifstream reference(CMP_TEST_DATA "/../../../../shared/reference/compose-spec.md");
  if (!reference) {
    MESSAGE("skipped: compose-spec.md is not beside this tree");
    return;
  }
  std::set<std::string> paths = paths_in_reference(reference);
  CHECK(paths.erase("x-*") == 1);
  CHECK(paths == schema_paths());
}

TEST_CASE("the attribute table has no row that the schema does not have") {
  const auto paths = schema_paths();
  const auto rows = all_rows();
  CHECK(rows.size() == paths.size());
  for (const auto& row : rows) {
    CHECK_MESSAGE(paths.contains(row.first), row.first);
  }
}

TEST_CASE("a row that is not simply honoured says why or what happens instead") {
  for (const auto& named : all_rows()) {
    const auto& path = named.first;
    const Attribute& row = named.second;
    const bool explained = row.support == Support::kHonoured || !row.note.empty();
    CHECK_MESSAGE(explained, path);
  }
}

TEST_CASE("required keys are keys of the mapping they are required in") {
  for (const auto& named : all_rows()) {
    const auto& path = named.first;
    const Attribute& row = named.second;
    for (const std::string_view key : split_words(row.required)) {
      const Shape* shape = find_shape(path);
      REQUIRE(shape != nullptr);
      const Shape* holder = !shape->keys().empty() ? shape : shape->item() != nullptr ? shape->item() : shape->any();
      REQUIRE_MESSAGE(holder != nullptr, path);
      CHECK_MESSAGE(holder->key(key) != nullptr, path);
    }
  }
}

TEST_CASE("positions are found by following the keys of a document") {
  const Shape* services = schema_root().key("services");
  REQUIRE(services != nullptr);
  const Shape* web = services->key("web");
  REQUIRE(web != nullptr);
  CHECK(web->attribute() == nullptr);
  CHECK(web->key("imgae") == nullptr);
  const Shape* ports = web->key("ports");
  REQUIRE(ports != nullptr);
  REQUIRE(ports->item() != nullptr);
  CHECK(ports->item()->key("target")->attribute()->path == "services.*.ports[].target");
  CHECK(find_attribute("services.*.nonsense") == nullptr);
}

TEST_CASE("the keys of a service stand in the order in which Docker Compose prints them") {
  CHECK(
      keys_of("services.*") ==
      "profiles annotations attach build develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count "
      "cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares command configs "
      "container_name credential_spec depends_on deploy device_cgroup_rules devices dns dns_opt dns_search domainname "
      "entrypoint provider environment env_file expose extends external_links extra_hosts group_add gpus hostname "
      "healthcheck image init ipc isolation labels label_file links logging mem_limit mem_reservation memswap_limit "
      "mem_swappiness mac_address models network_mode networks oom_kill_disable oom_score_adj pid pids_limit platform "
      "ports privileged pull_policy pull_refresh_after read_only restart runtime scale secrets security_opt shm_size "
      "stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode "
      "uts volumes volumes_from working_dir pre_start post_start pre_stop");
  CHECK(keys_of("services.*.healthcheck") == "test timeout interval retries start_period start_interval disable");
}
