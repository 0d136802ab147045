// Entries of ports, volumes, devices and extra_hosts.

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "compose/expand.hpp"
#include "compose/lexical_path.hpp"
#include "compose/port_spec.hpp"
#include "compose/scalar.hpp"
#include "compose/volume_spec.hpp"

namespace cmp::compose {
namespace {

/// One takes a kilobyte; a short line can ask for 65535.
constexpr std::size_t kMaxPorts = 100'000;

void append_text(Node& mapping, std::string key, const std::string& text, const Origin& origin) {
  if (!text.empty()) {
    append_entry(mapping, std::move(key), string_node(text, origin));
  }
}

Node port_mapping(const PortSpec& spec, const Origin& origin) {
  Node port = empty_mapping(origin);
  append_text(port, "mode", "ingress", origin);
  append_text(port, "host_ip", spec.host_ip, origin);
  append_entry(port, "target", plain_node(fmt::format("{}", spec.target), origin));
  append_text(port, "published", spec.published, origin);
  append_text(port, "protocol", spec.protocol, origin);
  return port;
}

Node volume_mapping(const VolumeSpec& spec, const Origin& origin) {
  Node volume = empty_mapping(origin);
  append_text(volume, "type", spec.bind ? "bind" : "volume", origin);
  append_text(volume, "source", spec.source, origin);
  append_text(volume, "target", clean_path(spec.target), origin);
  if (spec.read_only) {
    append_entry(volume, "read_only", plain_node("true", origin));
  }
  if (spec.bind || !spec.propagation.empty() || !spec.selinux.empty()) {
    Node bind = empty_mapping(origin);
    append_text(bind, "selinux", spec.selinux, origin);
    append_text(bind, "propagation", spec.propagation, origin);
    if (spec.bind) {
      append_entry(bind, "create_host_path", plain_node("true", origin));
    }
    append_entry(volume, "bind", std::move(bind));
  }
  if ((!spec.bind && !spec.bare) || spec.nocopy) {
    Node options = empty_mapping(origin);
    if (spec.nocopy) {
      append_entry(options, "nocopy", plain_node("true", origin));
    }
    append_entry(volume, "volume", std::move(options));
  }
  return volume;
}

void clean_target(Node& volume) {
  Node* target = volume.find("target");
  if (target != nullptr && target->is_scalar() && !target->scalar.empty()) {
    target->scalar = clean_path(target->scalar);
  }
}

void split_device(Node& item, const Place& place, Problems& problems) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  for (std::size_t colon = 0; colon != std::string::npos; start = colon + 1) {
    colon = item.scalar.find(':', start);
    parts.push_back(item.scalar.substr(start, colon - start));
  }
  if (parts.size() > 3) {
    problems.wrong(item,
                   fmt::format("{}: confusing device mapping, please use long syntax: {}", place.text(), item.scalar));
    return;
  }
  Node device = empty_mapping(item.origin);
  append_entry(device, "source", string_node(parts[0], item.origin));
  append_entry(device, "target", string_node(parts.size() > 1 ? parts[1] : parts[0], item.origin));
  append_entry(device, "permissions", string_node(parts.size() > 2 ? parts[2] : "rwm", item.origin));
  item = std::move(device);
}

using Hosts = std::map<std::string, std::vector<Node>>;

void add_address(Hosts& hosts, const std::string& host, std::string_view address, const Origin& origin) {
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  }
  hosts[host].push_back(string_node(fmt::format("{}={}", host, address), origin));
}

void add_listed(Hosts& hosts, const Node& item, const Place& place, Problems& problems) {
  const std::string& text = item.scalar;
  std::size_t split = text.find('=');
  split = split == std::string::npos ? text.find(':') : split;
  if (split == std::string::npos) {
    problems.error(item.origin,
                   fmt::format("{}: invalid additional host, missing IP: {} (write HOST=IP)", place.text(), text));
    return;
  }
  std::size_t start = split + 1;
  for (std::size_t comma = 0; comma != std::string::npos; start = comma + 1) {
    comma = text.find(',', start);
    add_address(hosts, text.substr(0, split), std::string_view(text).substr(start, comma - start), item.origin);
  }
}

void add_mapped(Hosts& hosts, const Entry& entry) {
  if (!entry.value.is_sequence()) {
    add_address(hosts, entry.key, entry.value.is_scalar() ? scalar_text(entry.value) : "", entry.value.origin);
  }
  for (const Node& item : entry.value.items) {
    add_address(hosts, entry.key, scalar_text(item), item.origin);
  }
}

void check_host_names(const Hosts& hosts, const Place& place, Problems& problems) {
  for (const auto& [host, addresses] : hosts) {
    if (host.empty() || host.find_first_of(":=") != std::string::npos) {
      problems.error(addresses.front().origin, fmt::format("{}: bad host name '{}'", place.text(), host));
    }
  }
}

/// The ports of a short form; none if it is wrong.
std::vector<PortSpec> short_port(Node& item, const Place& place, Problems& problems) {
  if (problems.expanded_ports > kMaxPorts) {
    item.health = Health::kWrong;  // one like it has been told
    return {};
  }
  auto specs = parse_port_spec(scalar_text(item));
  if (!specs) {
    problems.wrong(item, fmt::format("{}: {}", place.text(), specs.error().message));
    return {};
  }
  problems.expanded_ports += specs->size();
  if (problems.expanded_ports > kMaxPorts) {
    problems.wrong(item, fmt::format("{}: the ranges of this project are more than {} ports", place.text(), kMaxPorts));
    return {};
  }
  return std::move(*specs);
}

}  // namespace

void expand_ports(Node& list, const Place& place, Problems& problems, Scalars scalars) {
  std::vector<Node> ports;
  ports.reserve(list.items.size());
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Node& item = list.items[i];
    const bool is_short =
        item.is_scalar() && !is_template(item, scalars) && (kind_of(item) & (kind::kNumeric | kind::kText)) != 0;
    const std::vector<PortSpec> specs = is_short ? short_port(item, place.at(i), problems) : std::vector<PortSpec>();
    for (const PortSpec& spec : specs) {
      ports.push_back(port_mapping(spec, item.origin));
    }
    if (specs.empty()) {
      ports.push_back(std::move(item));
    }
  }
  list.items = std::move(ports);
}

void expand_mounts(Node& list, const Place& place, Problems& problems, Scalars scalars) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    Node& item = list.items[i];
    if (item.is_mapping()) {
      clean_target(item);
    }
    if (kind_of(item) != kind::kText || is_template(item, scalars)) {
      continue;
    }
    const auto spec = parse_volume_spec(item.scalar);
    if (spec) {
      item = volume_mapping(*spec, item.origin);
    } else {
      problems.wrong(item,
                     fmt::format("{}: {} (write [SOURCE:]TARGET[:OPTIONS])", place.at(i).text(), spec.error().message));
    }
  }
}

void expand_devices(Node& list, const Place& place, Problems& problems) {
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (kind_of(list.items[i]) == kind::kText) {
      split_device(list.items[i], place.at(i), problems);
    }
  }
}

void expand_hosts(Node& node, const Place& place, Problems& problems) {
  Hosts hosts;
  for (std::size_t i = 0; node.is_sequence() && i < node.items.size(); ++i) {
    if (!node.items[i].is_scalar()) {
      return;
    }
    add_listed(hosts, node.items[i], place.at(i), problems);
  }
  for (const Entry& entry : node.entries) {
    add_mapped(hosts, entry);
  }
  if (!node.is_sequence() && !node.is_mapping()) {
    return;
  }
  check_host_names(hosts, place, problems);
  Node list = empty_list(node.origin);
  for (auto& [host, addresses] : hosts) {
    std::ranges::move(addresses, std::back_inserter(list.items));
  }
  std::ranges::stable_sort(list.items, {}, &Node::scalar);
  node = std::move(list);
}

}  // namespace cmp::compose
