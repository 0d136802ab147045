#include "plan/difference.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "model/fields.hpp"

namespace cmp::plan {

namespace {

using json::Json;

/// Not looked at: they change nothing in a container, or are told of in another way.
constexpr std::array<std::string_view, 11> kIgnored = {"build", "config_hash", "depends_on",   "image_id",
                                                       "name",  "positions",   "pull_max_age", "pull_policy",
                                                       "scale", "where",       "deploy_mode"};

/// A container takes them while it runs.
constexpr std::array<std::string_view, 12> kInPlace = {
    "attach",      "expose",          "healthcheck",       "image",        "labels", "limits", "ports", "restart",
    "stop_signal", "rollback_config", "stop_grace_period", "update_config"};

/// Fields that Compose calls otherwise, by their path here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kNames = {{
    {"limits.cpus", "cpus"},
    {"limits.cpu_shares", "cpu_shares"},
    {"limits.cpu_quota_us", "cpu_quota"},
    {"limits.cpu_period_us", "cpu_period"},
    {"limits.cpu_rt_runtime_us", "cpu_rt_runtime"},
    {"limits.cpu_rt_period_us", "cpu_rt_period"},
    {"limits.cpuset", "cpuset"},
    {"limits.memory", "mem_limit"},
    {"limits.memory_reservation", "mem_reservation"},
    {"limits.memswap", "memswap_limit"},
    {"limits.mem_swappiness", "mem_swappiness"},
    {"limits.pids", "pids_limit"},
    {"limits.oom_kill_disable", "oom_kill_disable"},
    {"rootfs", "x-rootfs"},
    {"lxcfs", "x-lxcfs"},
    {"endpoint_mode", "deploy.endpoint_mode"},
    {"update_config", "deploy.update_config"},
    {"rollback_config", "deploy.rollback_config"},
}};

constexpr std::array<std::string_view, 9> kDurations = {"interval",          "timeout", "start_period",
                                                        "start_interval",    "delay",   "monitor",
                                                        "stop_grace_period", "time",    "max_age"};
constexpr std::array<std::string_view, 5> kSizes = {"memory", "memory_reservation", "memswap", "shm_size",
                                                    "tmpfs_size"};

template <typename Words>
bool is_among(const Words& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string renamed(const std::string& path) {
  for (const auto& [ours, theirs] : kNames) {
    if (path == ours || path.starts_with(std::string(ours) + ".")) {
      return std::string(theirs) + path.substr(ours.size());
    }
  }
  return path.starts_with("limits.blkio") ? "blkio_config" + path.substr(std::string_view("limits.blkio").size())
                                          : path;
}

std::string shortened(std::string text) {
  constexpr std::size_t kLongest = 60;
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= kLongest) {
    return text;
  }
  std::size_t end = kLongest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return text.substr(0, end) + "…";
}

std::string duration_text(std::int64_t nanoseconds) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> kUnits = {
      {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}, {"us", 1'000}}};
  for (const auto& [unit, size] : kUnits) {
    if (nanoseconds >= size && nanoseconds % size == 0) {
      return fmt::format("{}{}", nanoseconds / size, unit);
    }
  }
  return nanoseconds == 0 ? "0s" : fmt::format("{}ns", nanoseconds);
}

std::string size_text(std::int64_t bytes) {
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> kUnits = {
      {{"g", 1LL << 30}, {"m", 1LL << 20}, {"k", 1LL << 10}}};
  for (const auto& [unit, size] : kUnits) {
    if (bytes >= size && bytes % size == 0) {
      return fmt::format("{}{}", bytes / size, unit);
    }
  }
  return fmt::format("{}", bytes);
}

std::string_view last_step(std::string_view path) {
  return path.substr(path.rfind('.') + 1);
}

std::string scalar_text(const std::string& path, const Json& value) {
  if (value.is_string()) {
    const auto& text = value.get_ref<const std::string&>();
    return text.empty() ? "\"\"" : shortened(text);
  }
  if (value.is_number_integer() && is_among(kDurations, last_step(path))) {
    return duration_text(value.get<std::int64_t>());
  }
  if (value.is_number_integer() && is_among(kSizes, last_step(path))) {
    return size_text(value.get<std::int64_t>());
  }
  if (last_step(path) == "failure_action" && value.is_number_integer()) {
    constexpr std::array<const char*, 3> kWords = {"pause", "continue", "rollback"};
    return kWords.at(value.get<std::size_t>());
  }
  return shortened(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string word(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() || !it->is_string() ? std::string() : it->get<std::string>();
}

std::string port_text(const Json& port) {
  const std::string host = word(port, "host_ip");
  const std::string published = word(port, "published");
  const std::string protocol = word(port, "protocol");
  return fmt::format("{}{}{}{}{}", host.empty() ? "" : host + ":", published, published.empty() ? "" : ":",
                     port.value("target", 0), protocol.empty() ? "" : "/" + protocol);
}

/// One element of a list, as the file's short form has it where there is one.
std::string element_text(const std::string& path, const Json& element) {
  if (element.is_string()) {
    return shortened(element.get<std::string>());
  }
  if (path == "ports") {
    return port_text(element);
  }
  const std::string source = word(element, "source");
  const std::string target = word(element, "target");
  if (target.empty()) {
    return shortened(element.dump(-1, ' ', false, Json::error_handler_t::replace));
  }
  return shortened(fmt::format("{}{}{}{}", source, source.empty() ? "" : ":", target,
                               element.value("read_only", false) ? ":ro" : ""));
}

/// Places in files and digests of contents are no part of what was asked for.
void strip(Json& value) {
  if (value.is_object()) {
    value.erase("where");
    value.erase("digest");
    value.erase("image_id");
  }
  for (auto& [key, inner] : value.items()) {
    if (inner.is_structured()) {
      strip(inner);
    }
  }
}

/// Where one field stands on both sides; absent is null.
class Differ {
 public:
  explicit Differ(bool in_place) : in_place_(in_place) {}

  void compare(const std::string& path, const Json& before, const Json& after) {
    if (before == after) {
      return;
    }
    if (is_object_or_absent(before) && is_object_or_absent(after)) {
      return compare_members(path, before, after);
    }
    if (is_list_of_objects(before) || is_list_of_objects(after)) {
      return compare_elements(path, before, after);
    }
    add(path, before.is_null() ? std::nullopt : std::optional(scalar_text(path, before)),
        after.is_null() ? std::nullopt : std::optional(scalar_text(path, after)));
  }

  std::vector<FieldChange> take() && { return std::move(changes_); }

 private:
  static bool is_object_or_absent(const Json& value) { return value.is_object() || value.is_null(); }

  static bool is_list_of_objects(const Json& value) {
    return value.is_array() && !value.empty() && value.front().is_object();
  }

  void compare_members(const std::string& path, const Json& before, const Json& after) {
    std::set<std::string> keys;
    for (const Json* side : {&before, &after}) {
      for (const auto& [key, value] : side->items()) {
        keys.insert(key);
      }
    }
    if (keys.empty()) {
      return add(path, before.is_null() ? std::nullopt : std::optional<std::string>("{}"),
                 after.is_null() ? std::nullopt : std::optional<std::string>("{}"));
    }
    for (const std::string& key : keys) {
      compare(path + "." + key, member(before, key), member(after, key), path);
    }
  }

  /// A variable without a value is one that is not set; it is there all the same.
  void compare(const std::string& path, const Json* before, const Json* after, const std::string& above) {
    const Json none;
    if (above == "environment" && (before == nullptr) != (after == nullptr)) {
      return add(path, before == nullptr ? std::nullopt : std::optional(scalar_text(path, *before)),
                 after == nullptr ? std::nullopt : std::optional(scalar_text(path, *after)));
    }
    // A network without options is a membership all the same.
    if (above == "networks" && (before == nullptr || after == nullptr)) {
      return add(path, before == nullptr ? std::nullopt : std::optional<std::string>("joined"),
                 after == nullptr ? std::nullopt : std::optional<std::string>("joined"));
    }
    compare(path, before == nullptr ? none : *before, after == nullptr ? none : *after);
  }

  static const Json* member(const Json& object, const std::string& key) {
    const auto it = object.is_null() ? object.end() : object.find(key);
    return object.is_null() || it == object.end() ? nullptr : &*it;
  }

  /// The elements that only one side has; one of each is a replacement.
  void compare_elements(const std::string& path, const Json& before, const Json& after) {
    std::vector<std::string> gone = missing(path, before, after);
    std::vector<std::string> come = missing(path, after, before);
    if (gone.size() == 1 && come.size() == 1) {
      return add(path, gone.front(), come.front());
    }
    if (gone.empty() && come.empty()) {
      return add(path, "one order", "another order");
    }
    for (std::string& one : gone) {
      add(path, std::move(one), std::nullopt);
    }
    for (std::string& one : come) {
      add(path, std::nullopt, std::move(one));
    }
  }

  static std::vector<std::string> missing(const std::string& path, const Json& from, const Json& in) {
    std::vector<std::string> out;
    for (const Json& element : from) {
      if (std::find(in.begin(), in.end(), element) == in.end()) {
        out.push_back(element_text(path, element));
      }
    }
    return out;
  }

  void add(const std::string& path, std::optional<std::string> before, std::optional<std::string> after) {
    // The kernel has no word for "as if nobody had asked".
    const bool lasting = !after && (path == "limits.cpuset" || path.starts_with("limits.blkio.weight_device"));
    changes_.push_back({renamed(path), std::move(before), std::move(after), in_place_ && !lasting});
  }

  bool in_place_;
  std::vector<FieldChange> changes_;
};

std::string restart_text(const model::RestartPolicy& policy) {
  switch (policy.mode) {
    case model::RestartMode::kNo:
      return "no";
    case model::RestartMode::kAlways:
      return "always";
    case model::RestartMode::kUnlessStopped:
      return "unless-stopped";
    case model::RestartMode::kOnFailure:
      break;
  }
  return policy.max_attempts == 0 ? "on-failure" : fmt::format("on-failure:{}", policy.max_attempts);
}

/// Names of variables whose values are nobody's business.
bool is_secretive(std::string path) {
  std::ranges::transform(path, path.begin(), [](unsigned char c) { return std::toupper(c); });
  constexpr std::array<std::string_view, 6> kSigns = {"PASSW", "SECRET", "TOKEN", "CREDENTIAL", "APIKEY", "_KEY"};
  return path.starts_with("ENVIRONMENT.") &&
         std::ranges::any_of(kSigns, [&](std::string_view sign) { return path.find(sign) != std::string::npos; });
}

}  // namespace

std::string text(const FieldChange& change) {
  if (is_secretive(change.path)) {
    return change.path + (!change.before ? " added" : !change.after ? " removed" : " changed");
  }
  if (change.before && change.after) {
    return fmt::format("{} {} → {}", change.path, *change.before, *change.after);
  }
  return change.after ? fmt::format("{} {} added", change.path, *change.after)
                      : fmt::format("{} {} removed", change.path, change.before.value_or(""));
}

std::vector<FieldChange> differences(const model::Service& before, const model::Service& after) {
  Json old_fields = json::to_json(before);
  Json new_fields = json::to_json(after);
  std::set<std::string> keys;
  for (const Json* side : {&old_fields, &new_fields}) {
    for (const auto& [key, value] : side->items()) {
      keys.insert(key);
    }
  }
  std::vector<FieldChange> out;
  for (const std::string& key : keys) {
    const bool in_place = is_among(kInPlace, key);
    if (is_among(kIgnored, key)) {
      continue;
    }
    if (key == "restart" && restart_text(before.restart) != restart_text(after.restart)) {
      out.push_back({"restart", restart_text(before.restart), restart_text(after.restart), true});
      continue;
    }
    Json old_value = old_fields.value(key, Json());
    Json new_value = new_fields.value(key, Json());
    strip(old_value);
    strip(new_value);
    Differ differ(in_place);
    differ.compare(key, old_value, new_value);
    std::ranges::move(std::move(differ).take(), std::back_inserter(out));
  }
  return out;
}

bool all_in_place(const std::vector<FieldChange>& changes) {
  return std::ranges::all_of(changes, &FieldChange::in_place);
}

}  // namespace cmp::plan
