#include "compose/expand.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include <fmt/core.h>

#include "compose/scalar.hpp"
#include "compose/shell_words.hpp"

namespace cmp::compose {
namespace {

bool is_text(const Node& node) {
  return node.is_scalar() && scalar_type(node) == ScalarType::kString;
}

/// `node` becomes {key: node}.
void wrap(Node& node, std::string key) {
  Node mapping = empty_mapping(node.origin);
  append_entry(mapping, std::move(key), std::move(node));
  node = std::move(mapping);
}

void wrap_elements(Node& list, const char* key) {
  for (Node& item : list.items) {
    if (is_text(item)) {
      wrap(item, key);
    }
  }
}

void listify(Node& node) {
  if (!is_text(node)) {
    return;
  }
  Node list = empty_list(node.origin);
  if (!node.scalar.empty()) {
    list.items.push_back(std::move(node));
  }
  node = std::move(list);
}

/// A list of names becomes a mapping; a name that occurs again keeps its first place.
void name_mapping(Node& node, const std::function<Node(const Origin&)>& value) {
  if (!node.is_sequence() || !std::ranges::all_of(node.items, is_text)) {
    return;
  }
  Node mapping = empty_mapping(node.origin);
  std::set<std::string_view> known;
  for (const Node& item : node.items) {
    if (known.insert(item.scalar).second) {
      mapping.entries.push_back({item.scalar, item.origin, value(item.origin)});
    }
  }
  node = std::move(mapping);
}

Node null_at(const Origin& origin) {
  Node node;
  node.origin = origin;
  return node;
}

Node started_dependency(const Origin& origin) {
  Node node = empty_mapping(origin);
  append_entry(node, "condition", string_node("service_started", origin));
  append_entry(node, "required", plain_node("true", origin));
  return node;
}

enum class Missing { kNull, kEmpty };

/// A list of KEY=VALUE becomes a mapping; the last of two equal keys wins.
void key_values(Node& node, Missing missing) {
  if (!node.is_sequence() || !std::ranges::all_of(node.items, &Node::is_scalar)) {
    return;
  }
  Node mapping = empty_mapping(node.origin);
  std::map<std::string, std::size_t, std::less<>> seen;
  for (const Node& item : node.items) {
    const std::size_t equals = item.scalar.find('=');
    Node value = null_at(item.origin);
    if (equals != std::string::npos) {
      set_string(value, item.scalar.substr(equals + 1));
    } else if (missing == Missing::kEmpty) {
      set_string(value, "");
    }
    const auto [known, fresh] = seen.emplace(item.scalar.substr(0, equals), mapping.entries.size());
    if (fresh) {
      mapping.entries.push_back({known->first, item.origin, std::move(value)});
    } else {
      mapping.entries[known->second].value = std::move(value);
    }
  }
  node = std::move(mapping);
}

void refuse_trailing_spaces(Node& mapping, const Place& place, Problems& problems) {
  for (Entry& entry : mapping.entries) {
    if (entry.key.ends_with(' ')) {
      problems.error(entry.key_origin, fmt::format("{}: environment variable '{}' is declared with a trailing space",
                                                   place.text(), entry.key));
      entry.value.health = Health::kWrong;
    }
  }
}

void fill_nulls(Node& mapping) {
  for (Entry& entry : mapping.entries) {
    if (entry.value.is_null() || kind_of(entry.value) == kind::kNull) {
      entry.value = string_node("", entry.value.origin);
    }
  }
}

void listify_values(Node& mapping) {
  for (Entry& entry : mapping.entries) {
    if (entry.value.is_scalar()) {
      Node list = empty_list(entry.value.origin);
      list.items.push_back(std::move(entry.value));
      entry.value = std::move(list);
    }
    for (Node& item : entry.value.items) {
      if (item.is_scalar()) {
        set_string(item, scalar_text(item));
      }
    }
  }
}

void split_command(Node& node, const Place& place, Problems& problems) {
  if (!is_text(node)) {
    return;
  }
  const auto words = split_shell_words(node.scalar);
  if (!words) {
    problems.wrong(node, fmt::format("{}: invalid command line string: a quote or bracket in '{}' has no match",
                                     place.text(), node.scalar));
    return;
  }
  Node list = empty_list(node.origin);
  for (const std::string& word : *words) {
    list.items.push_back(string_node(word, node.origin));
  }
  node = std::move(list);
}

void probe(Node& node) {
  if (is_text(node)) {
    Node list = empty_list(node.origin);
    list.items.push_back(string_node("CMD-SHELL", node.origin));
    list.items.push_back(std::move(node));
    node = std::move(list);
  }
}

void gpus(Node& node) {
  if (is_text(node) && node.scalar == "all") {
    Node device = empty_mapping(node.origin);
    append_entry(device, "count", plain_node("-1", node.origin));
    Node list = empty_list(node.origin);
    list.items.push_back(std::move(device));
    node = std::move(list);
  }
}

}  // namespace

Node empty_mapping(const Origin& origin) {
  Node node;
  node.kind = Node::Kind::kMapping;
  node.origin = origin;
  return node;
}

Node empty_list(const Origin& origin) {
  Node node;
  node.kind = Node::Kind::kSequence;
  node.origin = origin;
  return node;
}

Node made_by_default(Node node) {
  node.made = Made::kDefault;
  return node;
}

void append_entry(Node& mapping, std::string key, Node value) {
  const Origin origin = value.origin;
  mapping.entries.push_back({std::move(key), origin, std::move(value)});
}

bool is_template(const Node& node, Scalars scalars) {
  return scalars == Scalars::kTemplates && node.is_scalar() && node.scalar.find('$') != std::string::npos;
}

void expand(Node& node, Form form, const Place& place, Problems& problems, Scalars scalars) {
  switch (form) {
    case Form::kStringOrList:
    case Form::kStringOrUniqueList:
      return listify(node);
    case Form::kLabels:
      key_values(node, Missing::kEmpty);
      return fill_nulls(node);
    case Form::kOptions:
      return fill_nulls(node);
    case Form::kEnvironment:
      key_values(node, Missing::kNull);
      return refuse_trailing_spaces(node, place, problems);
    case Form::kSsh:
      return key_values(node, Missing::kNull);
    case Form::kProviderOptions:
      return listify_values(node);
    case Form::kExtraHosts:
      return expand_hosts(node, place, problems);
    case Form::kCommand:
      return scalars == Scalars::kTemplates ? void() : split_command(node, place, problems);
    case Form::kProbe:
      return scalars == Scalars::kTemplates ? void() : probe(node);
    case Form::kGpus:
      return gpus(node);
    case Form::kBuild:
      return is_text(node) ? wrap(node, "context") : void();
    case Form::kExtends:
      return is_text(node) ? wrap(node, "service") : void();
    case Form::kIncludes:
      return wrap_elements(node, "path");
    case Form::kEnvFiles:
      listify(node);
      return wrap_elements(node, "path");
    case Form::kGrants:
      return wrap_elements(node, "source");
    case Form::kPorts:
      return expand_ports(node, place, problems, scalars);
    case Form::kMounts:
      return expand_mounts(node, place, problems, scalars);
    case Form::kDevices:
      return expand_devices(node, place, problems);
    case Form::kDependencies:
      return name_mapping(node, started_dependency);
    case Form::kMemberships:
      return name_mapping(node, null_at);
    default:
      return;
  }
}

}  // namespace cmp::compose
