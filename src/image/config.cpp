#include "image/config.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "image/json_text.hpp"

namespace cmp::image {

namespace {

using Json = nlohmann::json;

const Json* member(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

std::vector<std::string> texts_of(const Json& object, const char* key) {
  std::vector<std::string> texts;
  const Json* list = member(object, key);
  for (const Json& item : list != nullptr && list->is_array() ? *list : Json::array()) {
    if (item.is_string()) {
      texts.push_back(item.get<std::string>());
    }
  }
  return texts;
}

/// Go's way to write a set: {"/data": {}}.
std::vector<std::string> keys_of(const Json& object, const char* key) {
  std::vector<std::string> keys;
  const Json* set = member(object, key);
  if (set != nullptr && set->is_object()) {
    for (auto it = set->begin(); it != set->end(); ++it) {
      keys.push_back(it.key());
    }
  }
  return keys;
}

Nanoseconds duration_of(const Json& object, const char* key, Nanoseconds otherwise) {
  const Json* value = member(object, key);
  const std::int64_t count = value != nullptr && value->is_number() ? value->get<std::int64_t>() : 0;
  return count > 0 ? Nanoseconds(count) : otherwise;
}

std::optional<model::HealthCheck> healthcheck_of(const Json& config) {
  const Json* json = member(config, "Healthcheck");
  if (json == nullptr || !json->is_object()) {
    return std::nullopt;
  }
  model::HealthCheck check;
  check.test = texts_of(*json, "Test");
  if (check.test.empty()) {
    return std::nullopt;
  }
  check.interval = duration_of(*json, "Interval", check.interval);
  check.timeout = duration_of(*json, "Timeout", check.timeout);
  check.start_period = duration_of(*json, "StartPeriod", check.start_period);
  check.start_interval = duration_of(*json, "StartInterval", check.start_interval);
  const Json* retries = member(*json, "Retries");
  if (retries != nullptr && retries->is_number_unsigned() && retries->get<unsigned>() > 0) {
    check.retries = static_cast<int>(std::min(retries->get<unsigned>(), 1000U));
  }
  return check;
}

std::map<std::string, std::string> labels_of(const Json& config) {
  std::map<std::string, std::string> labels;
  const Json* json = member(config, "Labels");
  if (json != nullptr && json->is_object()) {
    for (auto it = json->begin(); it != json->end(); ++it) {
      if (it.value().is_string()) {
        labels.emplace(it.key(), it.value().get<std::string>());
      }
    }
  }
  return labels;
}

void read_process(const Json& json, ImageConfig& config) {
  config.entrypoint = texts_of(json, "Entrypoint");
  config.command = texts_of(json, "Cmd");
  config.env = texts_of(json, "Env");
  config.user = text_at(json, "User");
  config.working_dir = text_at(json, "WorkingDir");
  config.stop_signal = text_at(json, "StopSignal");
  config.exposed = keys_of(json, "ExposedPorts");
  config.volumes = keys_of(json, "Volumes");
  config.labels = labels_of(json);
  config.healthcheck = healthcheck_of(json);
}

/// Labels that steer tools must not come from an image (CVE-2026-53488 and its kin).
bool is_reserved(const std::string& label) {
  return label.starts_with("com.docker.compose.") || label.starts_with("cmp.");
}

void apply_environment(const ImageConfig& config, model::Service& service) {
  for (const std::string& entry : config.env) {
    const auto equals = std::min(entry.find('='), entry.size());
    const std::string key = entry.substr(0, equals);
    if (!key.empty()) {
      // A variable that the service takes away (no value) stays away.
      service.environment.emplace(key, equals < entry.size() ? entry.substr(equals + 1) : "");
    }
  }
}

void apply_program(const ImageConfig& config, model::Service& service) {
  if (!service.entrypoint) {
    service.entrypoint = config.entrypoint;
    if (!service.command) {
      service.command = config.command;
    }
  }
}

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) {
    path.pop_back();
  }
  return path;
}

void apply_volumes(const ImageConfig& config, model::Service& service) {
  for (const std::string& volume : config.volumes) {
    const std::string target = without_last_slash(volume);
    const bool covered = std::ranges::any_of(
        service.volumes, [&](const model::Mount& mount) { return without_last_slash(mount.target) == target; });
    if (!covered && target.starts_with('/')) {
      model::Mount mount;
      mount.type = model::MountType::kVolume;
      mount.target = target;
      service.volumes.push_back(std::move(mount));
    }
  }
}

void apply_healthcheck(const ImageConfig& config, model::Service& service) {
  if (!config.healthcheck || !service.healthcheck.test.empty() || !service.healthcheck.ready.empty()) {
    return;
  }
  if (service.positions.contains("healthcheck")) {
    // Times of its own for the image's test.
    service.healthcheck.test = config.healthcheck->test;
  } else {
    service.healthcheck = *config.healthcheck;
  }
}

}  // namespace

Result<ImageConfig> parse_config(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  const Json* rootfs = json.is_object() ? member(json, "rootfs") : nullptr;
  if (rootfs == nullptr || !rootfs->is_object()) {
    return make_error(Code::kInvalid, "malformed image configuration: it has no layers (this may be no image at all)");
  }
  ImageConfig config;
  config.platform = {text_at(json, "os"), text_at(json, "architecture"), text_at(json, "variant")};
  if (!config.platform.os.empty() && config.platform.os != "linux") {
    return make_error(Code::kUnsupported, fmt::format("the image is for {}", config.platform.str()));
  }
  config.created = text_at(json, "created");
  for (const std::string& id : texts_of(*rootfs, "diff_ids")) {
    CMP_TRY(Digest digest, parse_digest(id).context("malformed image configuration"));
    config.diff_ids.push_back(std::move(digest));
  }
  const Json* process = member(json, "config");
  if (process != nullptr && process->is_object()) {
    read_process(*process, config);
  }
  return config;
}

std::vector<std::string> apply_defaults(const ImageConfig& config, model::Service& service) {
  std::vector<std::string> warnings;
  apply_program(config, service);
  apply_environment(config, service);
  apply_volumes(config, service);
  apply_healthcheck(config, service);
  service.user = service.user.empty() ? config.user : service.user;
  service.working_dir = service.working_dir.empty() ? config.working_dir : service.working_dir;
  service.stop_signal = service.stop_signal.empty() ? config.stop_signal : service.stop_signal;
  for (const std::string& port : config.exposed) {
    if (std::ranges::find(service.expose, port) == service.expose.end()) {
      service.expose.push_back(port);
    }
  }
  for (const auto& [key, value] : config.labels) {
    if (is_reserved(key)) {
      warnings.push_back(fmt::format("image '{}': label '{}' is not an image's to set, ignoring", service.image, key));
    } else {
      service.labels.emplace(key, value);
    }
  }
  return warnings;
}

}  // namespace cmp::image
