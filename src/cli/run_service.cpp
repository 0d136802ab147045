#include "cli/run_service.hpp"

#include <algorithm>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "compose/dotenv.hpp"
#include "compose/shell_words.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using Json = nlohmann::json;

/// What the user has typed is not interpolated.
std::string literal(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '$' ? "$$" : std::string(1, c);
  }
  return out;
}

Result<Json> environment_of(const RunOptions& options, const std::map<std::string, std::string>& environment) {
  compose::Variables variables;
  compose::Lookup lookup;
  lookup.value = [&](std::string_view name) -> std::optional<std::string> {
    const auto it = environment.find(std::string(name));
    return it == environment.end() ? std::nullopt : std::optional(it->second);
  };
  for (const std::string& file : options.env_files) {
    CMP_TRY(const std::string text, sys::read_file(file));
    CMP_CHECK(compose::parse_env(text, file, compose::EnvFormat::kDotenv, lookup, variables));
  }
  Json out = Json::object();
  for (const auto& [name, value] : variables) {
    out[name] = literal(value);
  }
  for (const std::string& entry : options.env) {
    const std::size_t equals = entry.find('=');
    // A name alone: the load fills it in from the shell or from .env.
    out[entry.substr(0, equals)] = equals == std::string::npos ? Json() : Json(literal(entry.substr(equals + 1)));
  }
  return out;
}

Json literals(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) {
    out.push_back(literal(text));
  }
  return out;
}

std::string dumped(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Status take_labels(const std::vector<std::string>& labels, model::Service& service) {
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      return make_error(Code::kInvalid, "label must be set as KEY=VALUE");
    }
    service.labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return {};
}

Status take_command(const RunOptions& options, model::Service& service) {
  if (options.entrypoint) {
    auto words = compose::split_shell_words(*options.entrypoint);
    if (!words) {
      return make_error(Code::kInvalid, fmt::format("--entrypoint: a quote in '{}' has no end", *options.entrypoint));
    }
    service.entrypoint = *std::move(words);
    service.command = std::vector<std::string>();
  }
  if (!options.command.empty()) {
    service.command = options.command;
  }
  return {};
}

/// The real service's names in its networks only if they are asked for.
void take_aliases(const RunOptions& options, model::Service& service) {
  for (auto& [network, attachment] : service.networks) {
    attachment.ipv4_address.clear();
    attachment.ipv6_address.clear();
    if (options.use_aliases) {
      attachment.aliases.push_back(options.service);
    } else {
      attachment.aliases.clear();
    }
  }
}

}  // namespace

Result<std::string> run_overrides(const RunOptions& options, const std::map<std::string, std::string>& environment) {
  CMP_TRY(const Json variables, environment_of(options, environment));
  std::string fields;
  const auto add = [&](const std::string& key, const std::string& value) {
    fields += fmt::format("    {}: {}\n", key, value);
  };
  if (!variables.empty()) {
    add("environment", dumped(variables));
  }
  if (!options.volumes.empty()) {
    add("volumes", dumped(literals(options.volumes)));
  }
  if (!options.publish.empty()) {
    add("ports", "!override " + dumped(literals(options.publish)));
  }
  return fields.empty() ? "" : fmt::format("services:\n  {}:\n{}", dumped(Json(options.service)), fields);
}

Status add_one_off(model::Project& project, const RunOptions& options, const std::string& container, bool terminal) {
  const auto original = project.services.find(options.service);
  if (original == project.services.end()) {
    return make_error(Code::kNotFound, fmt::format("no such service: {}", options.service));
  }
  model::Service service = original->second;
  service.name = container;
  service.container_name = container;
  service.scale = 1;
  service.restart = {};
  service.logging = {};  // what it writes is for who runs it
  service.tty = terminal;
  service.stdin_open = terminal && options.interactive;
  if (options.publish.empty() && !options.service_ports) {
    service.ports.clear();
  }
  CMP_CHECK(take_command(options, service));
  CMP_CHECK(take_labels(options.labels, service));
  take_aliases(options, service);
  service.endpoint_mode.clear();
  service.user = options.user.empty() ? service.user : options.user;
  service.working_dir = options.workdir.empty() ? service.working_dir : options.workdir;
  service.cap_add.insert(service.cap_add.end(), options.cap_add.begin(), options.cap_add.end());
  service.cap_drop.insert(service.cap_drop.end(), options.cap_drop.begin(), options.cap_drop.end());
  project.services.emplace(container, std::move(service));
  return {};
}

}  // namespace cmp::cli
