#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/go_template.hpp"
#include "cli/inspect_view.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

namespace {

using Json = nlohmann::json;

/// What of the project can be named.
struct Known {
  state::Paths paths;
  std::vector<state::ContainerRecord> containers;
  std::vector<state::NetworkRecord> networks;
  std::vector<state::VolumeRecord> volumes;
};

Result<Known> read_all(const state::Paths& paths) {
  Known known{.paths = paths, .containers = {}, .networks = {}, .volumes = {}};
  CMP_TRY(known.containers, current_containers(paths));
  CMP_TRY(known.networks, state::read_networks(paths));
  CMP_TRY(known.volumes, state::read_volumes(paths.roots()));
  return known;
}

void append_containers(const Known& known, const std::string& name, Json& out) {
  constexpr std::size_t kShortId = 12;
  for (const state::ContainerRecord& record : known.containers) {
    const bool by_id = name.size() >= kShortId && record.id.starts_with(name);
    if (record.name == name || by_id || (record.service == name && !state::is_one_off(record))) {
      out.push_back(Json::parse(inspect_container(known.paths, record)));
    }
  }
}

/// A network or volume by its name, or by what the file calls it.
template <typename Record>
const Record* find(const std::vector<Record>& records, const std::string& project, const std::string& name) {
  const auto found = std::ranges::find_if(records, [&](const Record& record) {
    return record.name == name || (record.key == name && record.project == project);
  });
  return found == records.end() ? nullptr : &*found;
}

Status append_named(const Known& known, const std::string& name, Json& out) {
  const std::size_t before = out.size();
  append_containers(known, name, out);
  if (out.size() > before) {
    return {};
  }
  const std::string& project = known.paths.project();
  if (const auto* network = find(known.networks, project, name)) {
    out.push_back(Json::parse(inspect_network(*network, known.containers)));
  } else if (const auto* volume = find(known.volumes, project, name)) {
    out.push_back(Json::parse(inspect_volume(known.paths, *volume)));
  } else {
    return make_error(Code::kNotFound, fmt::format("no such object: {}", name));
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const InspectOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const Known known, read_all(paths));
  Json out = Json::array();
  for (const std::string& name : options.names) {
    CMP_CHECK(append_named(known, name, out));
  }
  for (const state::ContainerRecord& record : known.containers) {
    if (options.names.empty()) {
      out.push_back(Json::parse(inspect_container(paths, record)));
    }
  }
  if (options.format.empty() || options.format == "json") {
    constexpr int kIndent = 4;
    CMP_CHECK(print(out.dump(kIndent, ' ', false, Json::error_handler_t::replace) + "\n"));
    return 0;
  }
  CMP_TRY(const Template format, Template::parse(options.format));
  for (const Json& object : out) {
    const auto label = [&](const std::string& key) {
      return object.value(Json::json_pointer("/Config/Labels"), Json::object()).value(key, std::string());
    };
    CMP_TRY(const std::string line, format.render({object, label}));
    CMP_CHECK(print(line + "\n"));
  }
  return 0;
}

}  // namespace cmp::cli
