#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "compose/phases.hpp"
#include "sys/file.hpp"

namespace cmp::cli {

namespace {

using compose::Loaded;
using Names = std::set<std::string>;

compose::LoadOptions options_for(const Context& context, const ConfigOptions& options) {
  compose::LoadOptions out = load_options(context, options.services);
  out.interpolate = !options.no_interpolate;
  out.normalize = !options.no_normalize;
  out.resolve_paths = !options.no_path_resolution;
  out.check_consistency = !options.no_consistency;
  out.resolve_env_files = !options.no_env_resolution;
  return out;
}

std::string lines_of(const Names& names) {
  return names.empty() ? std::string() : join({names.begin(), names.end()}, "\n") + "\n";
}

template <typename Map>
Names keys_of(const Map& map) {
  Names out;
  for (const auto& [key, value] : map) {
    out.insert(key);
  }
  return out;
}

std::string image_of(const Loaded& loaded, const model::Service& service) {
  return service.image.empty() ? fmt::format("{}-{}", loaded.project.name, service.name) : service.image;
}

Names images_of(const Loaded& loaded) {
  Names out;
  for (const auto& [name, service] : loaded.project.services) {
    out.insert(image_of(loaded, service));
  }
  return out;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

/// "web 0123…", one line a service; `wanted` is "*" or names with commas between.
Result<std::string> hashes_of(const Loaded& loaded, const std::string& wanted) {
  std::vector<std::string> names = split(wanted);
  if (wanted == "*") {
    const Names all = keys_of(loaded.project.services);
    names.assign(all.begin(), all.end());
  }
  std::string out;
  for (const std::string& name : names) {
    const auto service = loaded.project.services.find(name);
    if (service == loaded.project.services.end()) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
    out += fmt::format("{} {}\n", name, service->second.config_hash);
  }
  return out;
}

std::string environment_of(const Loaded& loaded) {
  std::string out;
  for (const auto& [key, value] : loaded.environment) {
    out += fmt::format("{}={}\n", key, value);
  }
  return out;
}

/// The named services and what they depend on; all if none are named.
Result<Names> selected_services(const Loaded& loaded, const std::vector<std::string>& named) {
  if (named.empty()) {
    return keys_of(loaded.project.services);
  }
  Names out;
  std::vector<std::string> open = named;
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    const auto service = loaded.project.services.find(name);
    if (service == loaded.project.services.end()) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
    if (out.insert(name).second) {
      for (const auto& [dependency, how] : service->second.depends_on) {
        open.push_back(dependency);
      }
    }
  }
  return out;
}

void keep_only(compose::Node& tree, const char* section, const Names& wanted) {
  if (compose::Node* const node = tree.find(section); node != nullptr) {
    std::erase_if(node->entries, [&](const compose::Entry& entry) { return !wanted.contains(entry.key); });
    if (node->entries.empty()) {
      tree.erase(section);
    }
  }
}

/// Leaves out other services and what only they use.
void select(Loaded& loaded, const Names& services) {
  Names networks, volumes, secrets, configs;
  for (const std::string& name : services) {
    const model::Service& service = loaded.project.services.at(name);
    networks.merge(keys_of(service.networks));
    for (const model::Mount& mount : service.volumes) {
      volumes.insert(mount.source);
    }
    for (const model::FileGrant& grant : service.secrets) {
      secrets.insert(grant.source);
    }
    for (const model::FileGrant& grant : service.configs) {
      configs.insert(grant.source);
    }
  }
  keep_only(loaded.tree, "services", services);
  keep_only(loaded.tree, "networks", networks);
  keep_only(loaded.tree, "volumes", volumes);
  keep_only(loaded.tree, "secrets", secrets);
  keep_only(loaded.tree, "configs", configs);
  std::erase_if(loaded.project.services, [&](const auto& entry) { return !services.contains(entry.first); });
}

Result<std::string> render(const Loaded& loaded, const ConfigOptions& options) {
  if (options.list_services) {
    return lines_of(keys_of(loaded.project.services));
  }
  if (options.list_volumes) {
    return lines_of(keys_of(loaded.project.volumes));
  }
  if (options.list_networks) {
    return lines_of(keys_of(loaded.project.networks));
  }
  if (options.list_images) {
    return lines_of(images_of(loaded));
  }
  if (!options.hash.empty()) {
    return hashes_of(loaded, options.hash);
  }
  if (options.environment) {
    return environment_of(loaded);
  }
  return options.format == "json" ? compose::render_json(loaded.tree) : compose::render_yaml(loaded.tree);
}

Status check_format(const ConfigOptions& options) {
  if (!options.format.empty() && options.format != "yaml" && options.format != "json") {
    return make_error(Code::kInvalid, fmt::format("--format: '{}' is neither yaml nor json", options.format));
  }
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const ConfigOptions& options) {
  CMP_CHECK(check_format(options));
  CMP_TRY(Loaded loaded, compose::load(options_for(context, options)));
  print_warnings(loaded.warnings);
  CMP_TRY(const Names services, selected_services(loaded, options.services));
  if (!options.services.empty()) {
    select(loaded, services);
  }
  CMP_TRY(const std::string text, render(loaded, options));
  if (options.quiet) {
    return 0;
  }
  if (!options.output.empty()) {
    CMP_CHECK(sys::write_file_atomically(options.output, text, 0644));
  } else {
    CMP_CHECK(print(text));
  }
  return 0;
}

}  // namespace cmp::cli
