#include "compose/listing.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "compose/expand.hpp"
#include "compose/scalar.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

template <typename T>
std::vector<std::string> keys_of(const std::map<std::string, T>& all) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : all) {
    keys.push_back(key);
  }
  return keys;
}

/// How many dependencies each service still waits for, and who waits for it.
struct Waiting {
  std::map<std::string, std::size_t> open;
  std::map<std::string, std::vector<std::string>> dependants;
};

Waiting count_dependencies(const model::Project& project) {
  Waiting waiting;
  for (const auto& [name, service] : project.services) {
    waiting.open[name] = 0;
    for (const auto& [dependency, how] : service.depends_on) {
      if (project.services.contains(dependency)) {
        ++waiting.open[name];
        waiting.dependants[dependency].push_back(name);
      }
    }
  }
  return waiting;
}

std::string padded(const std::string& text, std::size_t width) {
  return fmt::format("{:<{}}", text, width);
}

}  // namespace

std::vector<std::string> services_in_order(const model::Project& project) {
  Waiting waiting = count_dependencies(project);
  std::set<std::string> ready;
  for (const auto& [name, open] : waiting.open) {
    if (open == 0) {
      ready.insert(name);
    }
  }
  std::vector<std::string> order;
  while (!ready.empty()) {
    order.push_back(*ready.begin());
    ready.erase(ready.begin());
    for (const std::string& dependant : waiting.dependants[order.back()]) {
      if (--waiting.open[dependant] == 0) {
        ready.insert(dependant);
      }
    }
  }
  return order;
}

std::vector<std::string> volume_names(const model::Project& project) {
  return keys_of(project.volumes);
}

std::vector<std::string> network_names(const model::Project& project) {
  return keys_of(project.networks);
}

std::vector<std::string> model_names(const Node& tree) {
  std::set<std::string> names;
  for (const Entry& entry : entries_at(tree, "models")) {
    names.insert(entry.key);
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> image_names(const model::Project& project) {
  std::vector<std::string> names;
  for (const auto& [name, service] : project.services) {
    names.push_back(service.image.empty() ? fmt::format("{}{}{}", project.name, project.separator, name)
                                          : service.image);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<std::string> profile_names(const Node& tree) {
  std::set<std::string> names;
  for (const Entry& entry : entries_at(tree, "services")) {
    for (std::string& profile : texts_at(entry.value, "profiles")) {
      names.insert(std::move(profile));
    }
  }
  return {names.begin(), names.end()};
}

Result<std::vector<std::string>> hash_lines(const model::Project& project, const std::string& selection) {
  std::set<std::string> wanted;
  if (selection == "*") {
    const auto all = keys_of(project.services);
    wanted.insert(all.begin(), all.end());
  }
  for (std::size_t start = 0; selection != "*" && start <= selection.size();) {
    const std::size_t end = std::min(selection.find(',', start), selection.size());
    wanted.insert(selection.substr(start, end - start));
    start = end + 1;
  }
  std::vector<std::string> lines;
  for (const std::string& name : wanted) {
    const auto service = project.services.find(name);
    if (service == project.services.end()) {
      return make_error(Code::kNotFound, fmt::format("no such service: {}", name));
    }
    lines.push_back(fmt::format("{} {}", name, service->second.config_hash));
  }
  return lines;
}

std::vector<std::string> environment_lines(const std::map<std::string, std::string>& environment) {
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) {
    lines.push_back(fmt::format("{}={}", name, value));
  }
  return lines;
}

std::string variable_table(const std::vector<VariableUse>& uses) {
  std::vector<std::vector<std::string>> rows{{"NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"}};
  for (const VariableUse& use : uses) {
    rows.push_back({use.name, use.required ? "true" : "false", use.default_value, use.alternate_value});
  }
  constexpr std::size_t kLeast = 20, kGap = 3;
  std::vector<std::size_t> widths(rows.front().size(), kLeast);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size() + kGap);
    }
  }
  std::string table;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      table += padded(row[i], widths[i]);
    }
    table += row.back() + "\n";
  }
  return table;
}

Node variable_tree(const std::vector<VariableUse>& uses, Output output) {
  const bool json = output == Output::kJson;
  Node tree = empty_mapping({});
  for (const VariableUse& use : uses) {
    Node one = empty_mapping({});
    append_entry(one, json ? "DefaultValue" : "defaultvalue", string_node(use.default_value, {}));
    append_entry(one, json ? "Name" : "name", string_node(use.name, {}));
    append_entry(one, json ? "PresenceValue" : "presencevalue", string_node(use.alternate_value, {}));
    append_entry(one, json ? "Required" : "required", plain_node(use.required ? "true" : "false", {}));
    append_entry(tree, use.name, std::move(one));
  }
  return tree;
}

}  // namespace cmp::compose
