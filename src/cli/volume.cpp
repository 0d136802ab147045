#include <sys/random.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/nearest.hpp"
#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "cli/table.hpp"
#include "cli/trash.hpp"
#include "cli/volume_actions.hpp"
#include "cli/volume_view.hpp"
#include "engine/volume_copies.hpp"
#include "engine/volumes.hpp"
#include "rootfs/trash.hpp"
#include "rootfs/volume_options.hpp"
#include "state/lock.hpp"

namespace cmp::cli {

namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson map_or_null(const std::map<std::string, std::string>& map) {
  return map.empty() ? OrderedJson() : OrderedJson(map);
}

/// Docker's answer; snapshots beside it where there are some.
OrderedJson details_of(const state::Roots& roots, const VolumeView& view) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(view.record.created_at);
  OrderedJson details = {{"CreatedAt", rfc3339_nanoseconds(seconds).substr(0, 19) + "Z"},
                         {"Driver", view.record.driver.empty() ? "local" : view.record.driver},
                         {"Labels", map_or_null(view.labels)},
                         {"Mountpoint", view.mountpoint},
                         {"Name", view.record.name},
                         {"Options", map_or_null(view.record.options)},
                         {"Scope", "local"}};
  auto snapshots = OrderedJson::array();
  for (const engine::Snapshot& snapshot : engine::snapshots_of(roots, view.record.name)) {
    snapshots.push_back({{"Name", snapshot.name}, {"CreatedAt", rfc3339_nanoseconds(snapshot.created_at)}});
  }
  if (!view.anonymous && !snapshots.empty()) {
    details["Snapshots"] = std::move(snapshots);
  }
  return details;
}

std::string trash_table(const std::vector<rootfs::Trashed>& trash) {
  std::vector<TableRow> rows;
  for (const rootfs::Trashed& trashed : trash) {
    const auto& labels = trashed.record.labels;
    const auto container = labels.find("cmp.container");
    const auto target = labels.find("cmp.target");
    const std::string from = container == labels.end() || target == labels.end()
                                 ? trashed.record.project
                                 : container->second + ":" + target->second;
    rows.push_back({trashed.record.name, from, human_duration(wall_now() - trashed.removed_at) + " ago",
                    trashed.bytes == 0 ? "N/A" : human_size(trashed.bytes), trashed.id});
  }
  return render_table({"VOLUME NAME", "OF", "REMOVED", "SIZE", "ID"}, rows);
}

std::string trash_names(const std::vector<rootfs::Trashed>& trash) {
  std::string out;
  for (const rootfs::Trashed& trashed : trash) {
    out += trashed.id + '\n';
  }
  return out;
}

Result<std::map<std::string, std::string>> pairs_of(const std::vector<std::string>& texts, const char* flag) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos && std::string_view(flag) == "--opt") {
      return make_error(Code::kInvalid, fmt::format("{}: '{}' is not KEY=VALUE", flag, text));
    }
    pairs[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
  }
  return pairs;
}

Result<std::string> random_name() {
  std::array<unsigned char, 32> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return sys_error("getrandom");
  }
  std::string name;
  for (const unsigned char byte : bytes) {
    name += fmt::format("{:02x}", byte);
  }
  return name;
}

struct Action {
  std::string_view name;
  bool needs_root;
};

constexpr std::array kActions = {Action{"ls", false},    Action{"list", false},   Action{"inspect", false},
                                 Action{"create", true}, Action{"rm", true},      Action{"remove", true},
                                 Action{"prune", true},  Action{"restore", true}, Action{"snapshot", true},
                                 Action{"fork", true}};

Result<int> act(const Context& context, const state::Roots& roots, const VolumeOptions& options) {
  const std::string& action = options.action;
  if (action == "ls" || action == "list") {
    return list_volumes(roots, options);
  }
  if (action == "inspect") {
    return inspect_volumes(roots, options);
  }
  if (action == "create") {
    return create_volume(roots, options);
  }
  if (action == "rm" || action == "remove") {
    return remove_volumes(roots, options);
  }
  if (action == "prune") {
    return prune_volumes(context, roots, options);
  }
  return action == "restore"    ? restore_volume(roots, options)
         : action == "snapshot" ? snapshot_volume(roots, options)
                                : fork_volume(roots, options);
}

}  // namespace

Status check_volume_name(const std::string& name) {
  constexpr std::size_t kLongest = 200;
  constexpr std::string_view kAlphanumeric = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  const bool fits = !name.empty() && name.size() <= kLongest &&
                    kAlphanumeric.find(name.front()) != std::string_view::npos &&
                    name.find_first_not_of(std::string(kAlphanumeric) + "_.-") == std::string::npos;
  return fits
             ? Status()
             : make_error(Code::kInvalid, fmt::format("'{}' is no name: only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed, at "
                                                      "most {} of them",
                                                      name, kLongest));
}

Result<int> list_volumes(const state::Roots& roots, const VolumeOptions& options) {
  if (options.trash) {
    CMP_TRY(const auto trash, rootfs::list_trash(roots));
    CMP_CHECK(print(options.quiet ? trash_names(trash) : trash_table(trash)));
    return 0;
  }
  CMP_TRY(const RowFormat format, RowFormat::parse(options.format));
  CMP_TRY(const auto volumes, all_volumes(roots));
  CMP_TRY(const std::string text,
          options.quiet ? Result<std::string>(volume_names(volumes)) : format.render(volume_listing(volumes)));
  CMP_CHECK(print(text));
  return 0;
}

Result<int> inspect_volumes(const state::Roots& roots, const VolumeOptions& options) {
  if (options.names.empty()) {
    return make_error(Code::kInvalid, "'volume inspect' needs the name of a volume");
  }
  CMP_TRY(const auto volumes, all_volumes(roots));
  auto out = OrderedJson::array();
  for (const std::string& name : options.names) {
    const auto found = std::ranges::find_if(volumes, [&](const VolumeView& view) { return view.record.name == name; });
    if (found == volumes.end()) {
      return make_error(Code::kNotFound, fmt::format("no such volume: {}", name));
    }
    out.push_back(details_of(roots, *found));
  }
  CMP_CHECK(print(out.dump(4, ' ', false, OrderedJson::error_handler_t::replace) + '\n'));
  return 0;
}

Result<int> create_volume(const state::Roots& roots, const VolumeOptions& options) {
  if (options.names.size() > 1) {
    return make_error(Code::kInvalid, "'volume create' makes one volume");
  }
  if (!options.driver.empty() && options.driver != "local") {
    return make_error(Code::kUnsupported, fmt::format("driver '{}' is not there: cmp has 'local'", options.driver));
  }
  model::Volume volume;
  if (options.names.empty()) {
    CMP_TRY(volume.name, random_name());
  } else {
    volume.name = options.names.front();
  }
  CMP_CHECK(check_volume_name(volume.name));
  CMP_TRY(volume.driver_opts, pairs_of(options.options, "--opt"));
  CMP_TRY(volume.labels, pairs_of(options.labels, "--label"));
  if (!volume.driver_opts.empty()) {
    if (auto valid = rootfs::parse_volume_options(volume.driver_opts); !valid) {
      return std::move(valid).error();
    }
  }
  CMP_TRY(const UniqueFd lock, state::lock(state::volumes_lock(roots)));
  CMP_CHECK(engine::create_volume(roots, "", volume));
  CMP_CHECK(print(volume.name + '\n'));
  return 0;
}

Result<int> run_command(const Context& context, const VolumeOptions& options) {
  const auto* const action = std::ranges::find(kActions, std::string_view(options.action), &Action::name);
  if (action == kActions.end()) {
    std::vector<std::string_view> names;
    std::ranges::transform(kActions, std::back_inserter(names), &Action::name);
    const std::string_view near = cmp::nearest(options.action, names);
    return make_error(Code::kInvalid,
                      fmt::format("'volume {}' is none of ls, inspect, create, rm, prune, restore, snapshot, fork{}",
                                  options.action, near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near)));
  }
  if (action->needs_root) {
    CMP_CHECK(need_root(fmt::format("volume {}", options.action)));
  }
  const state::Roots roots = state::roots_from_environment();
  CMP_TRY(const int code, act(context, roots, options));
  purge_trash(roots, context.environment);
  return code;
}

}  // namespace cmp::cli
