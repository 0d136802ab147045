#include "compose/merge_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "compose/scalar.hpp"

namespace cmp::compose {

namespace {

struct Rule {
  std::string_view key;
  MergeRule rule;
};

constexpr std::array kServiceRules = {
    Rule{"annotations", MergeRule::kKeyValues}, Rule{"build", MergeRule::kBuild},
    Rule{"command", MergeRule::kReplace},       Rule{"depends_on", MergeRule::kDependencies},
    Rule{"dns", MergeRule::kStringList},        Rule{"dns_opt", MergeRule::kStringList},
    Rule{"dns_search", MergeRule::kStringList}, Rule{"entrypoint", MergeRule::kReplace},
    Rule{"env_file", MergeRule::kStringList},   Rule{"environment", MergeRule::kKeyValues},
    Rule{"extra_hosts", MergeRule::kHosts},     Rule{"label_file", MergeRule::kStringList},
    Rule{"labels", MergeRule::kKeyValues},      Rule{"logging", MergeRule::kLogging},
    Rule{"models", MergeRule::kNames},          Rule{"networks", MergeRule::kNames},
    Rule{"sysctls", MergeRule::kKeyValues},     Rule{"tmpfs", MergeRule::kStringList},
};

constexpr std::array kBuildRules = {
    Rule{"additional_contexts", MergeRule::kKeyValues},
    Rule{"args", MergeRule::kKeyValues},
    Rule{"extra_hosts", MergeRule::kHosts},
    Rule{"labels", MergeRule::kKeyValues},
};

template <std::size_t N>
MergeRule rule_for(const std::array<Rule, N>& rules, std::string_view key) {
  const auto it = std::ranges::find(rules, key, &Rule::key);
  return it == rules.end() ? MergeRule::kByType : it->rule;
}

/// services.NAME.attribute.key
MergeRule nested_service_rule(std::string_view attribute, std::string_view key) {
  if (attribute == "build") {
    return rule_for(kBuildRules, key);
  }
  if (attribute == "ulimits" || (attribute == "healthcheck" && key == "test")) {
    return MergeRule::kReplace;
  }
  return attribute == "deploy" && key == "labels" ? MergeRule::kKeyValues : MergeRule::kByType;
}

Node replaced_by(const Node& old, Node::Kind kind) {
  Node node;
  node.kind = kind;
  node.origin = old.origin;
  return node;
}

bool all_scalars(const Node& list) {
  return std::ranges::all_of(list.items, &Node::is_scalar);
}

Node default_dependency(const Origin& origin) {
  Node dependency;
  dependency.kind = Node::Kind::kMapping;
  dependency.origin = origin;
  dependency.entries.push_back({"condition", origin, string_node("service_started", origin)});
  dependency.entries.push_back({"required", origin, plain_node("true", origin)});
  return dependency;
}

template <typename MakeValue>
Node mapping_of_names(Node node, MakeValue make_value) {
  if (!node.is_sequence() || !all_scalars(node)) {
    return node;
  }
  Node mapping = replaced_by(node, Node::Kind::kMapping);
  std::set<std::string_view> known;
  for (const Node& item : node.items) {
    if (known.insert(item.scalar).second) {
      mapping.entries.push_back({item.scalar, item.origin, make_value(item.origin)});
    }
  }
  return mapping;
}

void add_host(Node& list, const std::string& host, const Node& address) {
  list.items.push_back(string_node(host + "=" + scalar_text(address), address.origin));
}

}  // namespace

MergeRule merge_rule(const std::vector<std::string_view>& path) {
  if (path.size() == 3 && path[0] == "services") {
    return rule_for(kServiceRules, path[2]);
  }
  if (path.size() == 4 && path[0] == "services") {
    return nested_service_rule(path[2], path[3]);
  }
  if (path.size() == 3 && (path[0] == "networks" || path[0] == "volumes") && path[2] == "labels") {
    return MergeRule::kKeyValues;
  }
  const bool pools = path.size() == 4 && path[0] == "networks" && path[2] == "ipam" && path[3] == "config";
  return pools ? MergeRule::kSubnets : MergeRule::kByType;
}

bool key_value_mapping(Node& node) {
  if (node.is_mapping() || node.is_null()) {
    return true;
  }
  if (!node.is_sequence() || !all_scalars(node)) {
    return false;
  }
  Node mapping = replaced_by(node, Node::Kind::kMapping);
  std::map<std::string, std::size_t> known;
  for (const Node& item : node.items) {
    const std::size_t equals = item.scalar.find('=');
    Node value;
    value.origin = item.origin;
    if (equals != std::string::npos) {
      set_string(value, item.scalar.substr(equals + 1));
    }
    const auto [place, fresh] = known.emplace(item.scalar.substr(0, equals), mapping.entries.size());
    if (fresh) {
      mapping.entries.push_back({place->first, item.origin, std::move(value)});
    } else {
      mapping.entries[place->second].value = std::move(value);
    }
  }
  node = std::move(mapping);
  return true;
}

Node as_list(Node node) {
  if (!node.is_scalar()) {
    return node;
  }
  Node list = replaced_by(node, Node::Kind::kSequence);
  list.items.push_back(std::move(node));
  return list;
}

Node as_host_list(Node node) {
  if (!node.is_mapping()) {
    return as_list(std::move(node));
  }
  Node list = replaced_by(node, Node::Kind::kSequence);
  for (const Entry& entry : node.entries) {
    if (entry.value.is_sequence()) {
      for (const Node& address : entry.value.items) {
        add_host(list, entry.key, address);
      }
    } else {
      add_host(list, entry.key, entry.value);
    }
  }
  std::ranges::sort(list.items, {}, &Node::scalar);
  return list;
}

Node build_mapping(Node node) {
  if (!node.is_scalar()) {
    return node;
  }
  Node mapping = replaced_by(node, Node::Kind::kMapping);
  mapping.entries.push_back({"context", node.origin, std::move(node)});
  return mapping;
}

Node dependency_mapping(Node node) {
  return mapping_of_names(std::move(node), default_dependency);
}

Node name_mapping(Node node) {
  return mapping_of_names(std::move(node), [](const Origin& origin) {
    Node null;
    null.origin = origin;
    return null;
  });
}

}  // namespace cmp::compose
