#include "state/record.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "model/fields.hpp"
#include "sys/file.hpp"

namespace cmp::json {

template <>
struct Fields<sys::ProcessId> {
  static constexpr auto list =
      std::make_tuple(field("pid", &sys::ProcessId::pid), field("start", &sys::ProcessId::start_ticks));
};

template <>
struct Fields<sys::ExitStatus> {
  static constexpr auto list =
      std::make_tuple(field("code", &sys::ExitStatus::code), field("signal", &sys::ExitStatus::signal),
                      field("core", &sys::ExitStatus::core_dumped));
};

template <>
struct Fields<state::EndpointRecord> {
  using S = state::EndpointRecord;
  static constexpr auto list = std::make_tuple(
      field("network", &S::network), field("network_name", &S::network_name), field("bridge", &S::bridge),
      field("host_device", &S::host_device), field("container_device", &S::container_device),
      field("address", &S::address), field("prefix", &S::prefix), field("gateway", &S::gateway),
      field("address6", &S::address6), field("prefix6", &S::prefix6), field("gateway6", &S::gateway6),
      field("virtual_address", &S::virtual_address), field("virtual_address6", &S::virtual_address6),
      field("mtu", &S::mtu), field("link_local", &S::link_local), field("sysctls", &S::sysctls),
      field("driver", &S::driver), field("parent", &S::parent), field("mode", &S::mode),
      field("isolated", &S::isolated), field("shared", &S::shared), field("aliases", &S::aliases));
};

template <>
struct Fields<state::PublishedPort> {
  using S = state::PublishedPort;
  static constexpr auto list = std::make_tuple(field("host_ip", &S::host_ip), field("host_port", &S::host_port),
                                               field("target", &S::target), field("protocol", &S::protocol));
};

template <>
struct Fields<state::SharedNamespace> {
  using S = state::SharedNamespace;
  static constexpr auto list = std::make_tuple(field("container", &S::container), field("process", &S::process));
};

template <>
struct Fields<state::ProbeRecord> {
  using S = state::ProbeRecord;
  static constexpr auto list = std::make_tuple(field("start", &S::start), field("end", &S::end),
                                               field("exit_code", &S::exit_code), field("output", &S::output));
};

template <>
struct Fields<state::ContainerRecord> {
  using S = state::ContainerRecord;
  static constexpr auto list = std::make_tuple(
      field("project", &S::project), field("service", &S::service), field("name", &S::name), field("id", &S::id),
      field("image", &S::image), field("number", &S::number), field("command", &S::command),
      field("config_hash", &S::config_hash), field("labels", &S::labels), field("mounts", &S::mounts),
      field("local_volumes", &S::local_volumes), field("exposed", &S::exposed), field("cgroup", &S::cgroup),
      field("seccomp", &S::seccomp), field("endpoints", &S::endpoints), field("ports", &S::ports),
      field("hostname", &S::hostname), field("etc_dir", &S::etc_dir), field("shares", &S::shares),
      field("definition", &S::service_definition), field("auto_remove", &S::auto_remove),
      field("own_streams", &S::own_streams), field("state", &S::state), field("process", &S::process),
      field("exit", &S::exit), field("exit_unknown", &S::exit_unknown), field("oom_killed", &S::oom_killed),
      field("memory_peak", &S::memory_peak), field("error", &S::error), field("health", &S::health),
      field("failing_streak", &S::failing_streak), field("probes", &S::probes),
      field("restart_count", &S::restart_count), field("attempts", &S::attempts), field("crashes", &S::crashes),
      field("ended_by", &S::ended_by), field("last_end", &S::last_end), field("held_by", &S::held_by),
      field("stop_requested", &S::stop_requested), field("draining", &S::draining), field("created_at", &S::created_at),
      field("started_at", &S::started_at), field("finished_at", &S::finished_at),
      field("next_start_at", &S::next_start_at));
};

template <>
struct Fields<state::NetworkRecord> {
  using S = state::NetworkRecord;
  static constexpr auto list =
      std::make_tuple(field("key", &S::key), field("name", &S::name), field("project", &S::project),
                      field("bridge", &S::bridge), field("subnet", &S::subnet), field("gateway", &S::gateway),
                      field("config_hash", &S::config_hash), field("subnet6", &S::subnet6),
                      field("gateway6", &S::gateway6), field("driver", &S::driver), field("parent", &S::parent),
                      field("internal", &S::internal), field("options", &S::options), field("labels", &S::labels));
};

template <>
struct Fields<state::VolumeRecord> {
  using S = state::VolumeRecord;
  static constexpr auto list =
      std::make_tuple(field("key", &S::key), field("name", &S::name), field("project", &S::project),
                      field("config_hash", &S::config_hash), field("driver", &S::driver), field("options", &S::options),
                      field("labels", &S::labels), field("created_at", &S::created_at));
};

template <>
struct Fields<state::RoleRecord> {
  using S = state::RoleRecord;
  static constexpr auto list = std::make_tuple(field("process", &S::process), field("version", &S::version));
};

}  // namespace cmp::json

namespace cmp::state {

namespace {

template <typename Record>
std::string encode(const Record& record) {
  return json::to_json(record).dump(-1, ' ', false, json::Json::error_handler_t::replace);
}

/// A record whose text does not have `mentions` is not taken apart, and nothing is given back.
template <typename Record>
std::optional<Record> read_record(const std::string& file, std::string_view mentions = {}) {
  const auto text = sys::read_file(file);
  if (!text || text->find(mentions) == std::string::npos) {
    return std::nullopt;
  }
  const auto parsed = json::Json::parse(*text, nullptr, false);
  Record record;
  if (parsed.is_discarded() || !json::from_json(parsed, record)) {
    return std::nullopt;
  }
  return record;
}

/// Reads each DIR/*.json that has `mentions`; a directory that is not there has none.
template <typename Record>
Result<std::vector<Record>> read_records(const std::string& directory, std::string_view mentions = {}) {
  std::vector<Record> records;
  const auto names = sys::list_directory(directory);
  if (!names) {
    return names.error().os_errno == ENOENT ? Result<std::vector<Record>>(records) : names.error();
  }
  for (const std::string& name : *names) {
    if (!name.ends_with(".json")) {
      continue;
    }
    // A record that is gone between listing and reading was removed just now by its owner.
    if (auto record = read_record<Record>(fmt::format("{}/{}", directory, name), mentions)) {
      records.push_back(*std::move(record));
    }
  }
  return records;
}

/// What a record says of a process that is not there any more: it ended and nobody saw how.
void check_against_kernel(ContainerRecord& record) {
  if (record.process.pid == 0 || sys::open_same_process(record.process)) {
    return;
  }
  record.process = {};
  if (has_program(record.state)) {
    record.exit_unknown = true;
    record.exit.reset();
    record.state = ContainerState::kExited;
  }
}

}  // namespace

std::string_view to_string(ContainerState state) {
  switch (state) {
    case ContainerState::kCreated:
      return "created";
    case ContainerState::kRunning:
      return "running";
    case ContainerState::kPaused:
      return "paused";
    case ContainerState::kRestarting:
      return "restarting";
    case ContainerState::kExited:
      return "exited";
    case ContainerState::kRemoving:
      return "removing";
  }
  return "";
}

bool holds_ports(const ContainerRecord& record) {
  return is_live(record.state) || record.process.pid != 0;
}

bool is_one_off(const ContainerRecord& record) {
  const auto label = record.labels.find("com.docker.compose.oneoff");
  return label != record.labels.end() && label->second == "True";
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::kNone:
      return "";
    case Health::kStarting:
      return "starting";
    case Health::kHealthy:
      return "healthy";
    case Health::kUnhealthy:
      return "unhealthy";
  }
  return "";
}

Status write_record(const Paths& paths, const ContainerRecord& record) {
  // Secrets may stand in a service's environment: for the owner of the run directory only.
  return sys::write_file_atomically(paths.container_record(record.name), encode(record));
}

Status write_record(const Paths& paths, const NetworkRecord& record) {
  return sys::write_file_atomically(paths.network_record(record.key), encode(record));
}

Status write_record(const Paths& paths, const VolumeRecord& record) {
  return write_volume(paths.volume_dir(record.name), record);
}

Status write_volume(const std::string& directory, const VolumeRecord& record) {
  return sys::write_file_atomically(directory + "/volume.json", encode(record));
}

Status write_role(const std::string& file, const RoleRecord& record) {
  return sys::write_file_atomically(file, encode(record));
}

Result<std::vector<ContainerRecord>> read_containers(const Paths& paths, Check check, const std::string& service) {
  CMP_TRY(auto records, read_records<ContainerRecord>(paths.containers_dir(), service));
  std::erase_if(records, [&](const ContainerRecord& record) { return !service.empty() && record.service != service; });
  if (check == Check::kWithKernel) {
    std::ranges::for_each(records, check_against_kernel);
  }
  std::ranges::sort(records, {}, [](const ContainerRecord& r) { return std::tie(r.service, r.number, r.name); });
  return records;
}

Result<std::vector<NetworkRecord>> read_networks(const Paths& paths) {
  return read_records<NetworkRecord>(paths.networks_dir());
}

Result<std::vector<VolumeRecord>> read_volumes(const Roots& roots) {
  std::vector<VolumeRecord> records;
  const auto names = sys::list_directory(volumes_dir(roots));
  if (!names) {
    return names.error().os_errno == ENOENT ? Result<std::vector<VolumeRecord>>(records) : names.error();
  }
  for (const std::string& name : *names) {
    if (auto record = read_record<VolumeRecord>(fmt::format("{}/{}/volume.json", volumes_dir(roots), name))) {
      records.push_back(*std::move(record));
    }
  }
  return records;
}

std::optional<VolumeRecord> read_volume(const std::string& directory) {
  auto record = read_record<VolumeRecord>(directory + "/volume.json");
  return record ? std::optional(*std::move(record)) : std::nullopt;
}

std::optional<RoleRecord> read_role(const std::string& file) {
  return read_record<RoleRecord>(file);
}

bool alive(const RoleRecord& record) {
  const auto process = sys::open_same_process(record.process);
  return process && !sys::has_exited(process->get());
}

std::optional<ContainerRecord> find_container(const Paths& paths, const std::string& name) {
  constexpr std::size_t kShortId = 12;
  std::vector<std::string> projects = list_projects(paths.roots()).value_or(std::vector<std::string>());
  projects.insert(projects.begin(), paths.project());
  for (const std::string& project : projects) {
    const auto containers = read_containers(Paths(paths.roots(), project), Check::kAsWritten);
    for (const ContainerRecord& record : containers ? *containers : std::vector<ContainerRecord>()) {
      if (record.name == name || (name.size() >= kShortId && record.id.starts_with(name))) {
        return record;
      }
    }
  }
  return std::nullopt;
}

Status remove_container_record(const Paths& paths, const std::string& name) {
  CMP_CHECK(sys::remove_tree(paths.container_run_dir(name)));
  return sys::remove_tree(paths.container_record(name));
}

Status remove_network_record(const Paths& paths, const std::string& key) {
  return sys::remove_tree(paths.network_record(key));
}

Result<std::vector<std::string>> list_projects(const Roots& roots) {
  std::vector<std::string> projects;
  const auto names = sys::list_directory(roots.run);
  if (!names) {
    return names.error().os_errno == ENOENT ? Result<std::vector<std::string>>(projects) : names.error();
  }
  std::ranges::copy_if(*names, std::back_inserter(projects), [&](const std::string& name) {
    struct stat info {};
    return ::stat(fmt::format("{}/{}", roots.run, name).c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  });
  return projects;
}

}  // namespace cmp::state
