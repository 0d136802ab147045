#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/container_view.hpp"
#include "cli/human.hpp"
#include "cli/inspect_view.hpp"
#include "cli/output.hpp"
#include "cli/row_format.hpp"

namespace cmp::cli {

namespace {

using Json = nlohmann::json;
using Records = std::vector<state::ContainerRecord>;

constexpr std::size_t kShortId = 12;

/// --status and --filter status=… in one list. Errors: an unknown state or filter.
Result<std::vector<std::string>> wanted_states(const PsOptions& options) {
  std::vector<std::string> states = options.status;
  for (const std::string& filter : options.filters) {
    const std::size_t equals = filter.find('=');
    if (equals == std::string::npos) {
      return make_error(Code::kInvalid, "arguments to --filter should be in form KEY=VAL");
    }
    const std::string key = filter.substr(0, equals);
    if (key == "source") {
      return make_error(Code::kUnsupported, "not in this release: ps --filter source=");
    }
    if (key != "status") {
      return make_error(Code::kInvalid, fmt::format("unknown filter {}", key));
    }
    states.push_back(filter.substr(equals + 1));
  }
  const std::set<std::string> known = {"paused", "restarting", "removing", "running", "dead", "created", "exited"};
  for (const std::string& state : states) {
    if (!known.contains(state)) {
      return make_error(Code::kInvalid, fmt::format("--status: no container is ever '{}': {}", state,
                                                    join({known.begin(), known.end()})));
    }
  }
  return states;
}

bool is_shown(const state::ContainerRecord& record, const PsOptions& options, const std::vector<std::string>& states) {
  if (!is_wanted(options.services, record.service) || (state::is_one_off(record) && !options.all)) {
    return false;
  }
  if (!states.empty()) {
    return std::find(states.begin(), states.end(), state::to_string(record.state)) != states.end();
  }
  return options.all || state::is_live(record.state);
}

/// Without --orphans only services of the file are shown, so that the file has to be read.
Status drop_orphans(const Context& context, Records& records) {
  CMP_TRY(const auto loaded, compose::load(load_options(context)));
  std::erase_if(records, [&](const state::ContainerRecord& record) {
    const auto& disabled = loaded.disabled_services;
    return !loaded.project.services.contains(record.service) &&
           std::find(disabled.begin(), disabled.end(), record.service) == disabled.end();
  });
  return {};
}

std::string ids(const Records& records) {
  std::string out;
  for (const auto& record : records) {
    out += record.id + '\n';
  }
  return out;
}

std::string services(const Records& records) {
  std::set<std::string> names;
  for (const auto& record : records) {
    names.insert(record.service);
  }
  return join({names.begin(), names.end()}, "\n") + '\n';
}

Json publishers(const state::ContainerRecord& record) {
  auto ports = state::holds_ports(record) ? record.ports : std::vector<state::PublishedPort>();
  for (const int exposed : record.exposed) {
    ports.push_back({.host_ip = "", .host_port = 0, .target = exposed});
  }
  std::stable_sort(ports.begin(), ports.end(), [](const auto& a, const auto& b) { return a.target < b.target; });
  Json out = Json::array();
  for (const auto& port : ports) {
    const std::string address = port.host_ip.empty() && port.host_port != 0 ? "0.0.0.0" : port.host_ip;
    out.push_back({{"URL", address},
                   {"TargetPort", port.target},
                   {"PublishedPort", port.host_port},
                   {"Protocol", port.protocol}});
  }
  return out;
}

std::string label_list(const state::ContainerRecord& record) {
  std::vector<std::string> labels;
  for (const auto& [key, value] : record.labels) {
    labels.push_back(key + "=" + value);
  }
  return join(labels, ",");
}

std::string mount_list(const state::ContainerRecord& record, bool whole) {
  constexpr std::size_t kWidth = 15;
  std::vector<std::string> mounts;
  for (const std::string& mount : record.mounts) {
    mounts.push_back(whole ? mount : ellipsis(mount, kWidth));
  }
  return join(mounts, ",");
}

std::string network_list(const state::ContainerRecord& record) {
  std::vector<std::string> names;
  for (const auto& endpoint : record.endpoints) {
    names.push_back(endpoint.network_name);
  }
  return join(names, ",");
}

/// Docker Compose has neither addresses nor HealthLog here: keys beside its own.
Json address_list(const state::ContainerRecord& record) {
  Json out = Json::array();
  for (const auto& endpoint : record.endpoints) {
    out.push_back({{"Network", endpoint.network_name},
                   {"Interface", endpoint.container_device},
                   {"IPv4", endpoint.address},
                   {"IPv6", endpoint.address6},
                   {"Service", endpoint.virtual_address}});
  }
  return out;
}

Json object(const state::ContainerRecord& record, bool whole, WallTime now) {
  return {{"Addresses", address_list(record)},
          {"Command", describe_command(record, whole)},
          {"CreatedAt", go_time(record.created_at)},
          {"Engine", ""},
          {"ExitCode", shown_exit_code(record)},
          {"Health", record.health == state::Health::kNone ? "" : state::to_string(record.health)},
          {"HealthLog", health_log(record)},
          {"ID", whole ? record.id : record.id.substr(0, kShortId)},
          {"Image", record.image},
          {"Labels", label_list(record)},
          {"LocalVolumes", std::to_string(record.local_volumes.size())},
          {"Mounts", mount_list(record, whole)},
          {"Name", record.name},
          {"Names", record.name},
          {"Networks", network_list(record)},
          {"Ports", describe_ports(record)},
          {"Project", record.project},
          {"Publishers", publishers(record)},
          {"RunningFor", describe_age(record, now)},
          {"Service", record.service},
          {"Size", "0B"},
          {"State", state::to_string(record.state)},
          {"Status", describe_status(record, now)}};
}

/// Docker Compose's columns.
Listing listing_of(const Records& records, bool whole, WallTime now) {
  Listing out;
  out.columns = {"Name", "Image", "Command", "Service", "RunningFor", "Status", "Ports"};
  out.headers = {{"ID", "CONTAINER ID"}, {"RunningFor", "CREATED"}};
  for (const auto& record : records) {
    out.rows.push_back({.fields = object(record, whole, now), .label = [&record](const std::string& key) {
                          const auto label = record.labels.find(key);
                          return label == record.labels.end() ? std::string() : label->second;
                        }});
  }
  if (records.empty()) {                        // a template is checked and has its header nevertheless
    const Json blank = object({}, whole, now);  // outlives its items
    for (const auto& [field, value] : blank.items()) {
      out.headers.try_emplace(field, RowFormat::header(field));
    }
  }
  return out;
}

}  // namespace

Result<int> run_command(const Context& context, const PsOptions& options) {
  CMP_TRY(const RowFormat format, RowFormat::parse(options.format));
  CMP_TRY(const auto states, wanted_states(options));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(Records records, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, records));
  std::erase_if(records, [&](const state::ContainerRecord& record) { return !is_shown(record, options, states); });
  if (!options.orphans) {
    CMP_CHECK(drop_orphans(context, records));
  }
  std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  const WallTime now = wall_now();
  if (options.quiet || options.only_services) {
    CMP_CHECK(print(options.quiet ? ids(records) : services(records)));
    return 0;
  }
  CMP_TRY(const std::string text, format.render(listing_of(records, options.no_trunc, now)));
  CMP_CHECK(print(text));
  return 0;
}

}  // namespace cmp::cli
