#include "cli/network_drawing.hpp"

#include <set>

#include <fmt/core.h>

#include "cli/human.hpp"

namespace cmp::cli {

namespace {

/// A node of a drawing: its id, what it is, and the lines in it.
struct Node {
  enum class Kind { kNetwork, kContainer, kPort };
  std::string id;
  Kind kind = Kind::kNetwork;
  std::vector<std::string> lines;
};

struct Edge {
  std::string from, to, label;
  bool directed = false;
};

struct Drawing {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
};

std::string kind_of(const NetworkView& network) {
  return fmt::format("{} {}{}", network.driver, network.device, network.internal ? ", internal" : "");
}

/// What Mermaid and Graphviz take for a name.
std::string id_of(const char* kind, const std::string& name) {
  std::string id = std::string(kind) + "_";
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    id += plain ? c : '_';
  }
  return id;
}

std::vector<std::string> network_lines(const NetworkView& network) {
  std::vector<std::string> lines{network.name, kind_of(network)};
  lines.insert(lines.end(), network.subnets.begin(), network.subnets.end());
  return lines;
}

void add_network(const NetworkView& network, Drawing& drawing, std::set<std::string>& seen) {
  const std::string id = id_of("net", network.name);
  drawing.nodes.push_back({id, Node::Kind::kNetwork, network_lines(network)});
  for (const MemberView& member : network.members) {
    const std::string container = id_of("box", member.container);
    if (seen.insert(container).second) {
      drawing.nodes.push_back({container, Node::Kind::kContainer, {member.container}});
    }
    drawing.edges.push_back({container, id, fmt::format("{} {}", member.device, join(member.addresses, " "))});
  }
}

Drawing drawing_of(const WiringView& wiring) {
  Drawing drawing;
  std::set<std::string> seen;
  for (const NetworkView& network : wiring.networks) {
    add_network(network, drawing, seen);
  }
  for (const PortView& port : wiring.ports) {
    const std::string id = id_of("port", port.host);
    drawing.nodes.push_back({id, Node::Kind::kPort, {port.host}});
    for (const std::string& target : port.targets) {
      const std::size_t colon = target.rfind(':');
      drawing.edges.push_back({id, id_of("box", target.substr(0, colon)), target.substr(colon + 1), true});
    }
  }
  return drawing;
}

/// In a text between double quotes.
std::string quoted(const std::string& text, const char* quote) {
  std::string out;
  for (const char c : text) {
    out += c == '"' ? std::string(quote) : std::string(1, c);
  }
  return out;
}

std::string label_of(const Node& node, const char* between, const char* quote) {
  std::vector<std::string> lines;
  for (const std::string& line : node.lines) {
    lines.push_back(quoted(line, quote));
  }
  return join(lines, between);
}

std::string member_text(const MemberView& member, bool last) {
  std::string out =
      fmt::format("  {} {}  {} {}", last ? "└─" : "├─", member.container, member.device, join(member.addresses, " "));
  if (!member.host_device.empty()) {
    out += "  veth " + member.host_device;
  }
  if (!member.service_address.empty()) {
    out += fmt::format("  service '{}' {}", member.service, member.service_address);
  }
  return out + "\n";
}

}  // namespace

std::string wiring_text(const WiringView& wiring) {
  std::string out;
  for (const NetworkView& network : wiring.networks) {
    out += fmt::format("network {}  {}  {}  gateway {}\n", network.name, kind_of(network), join(network.subnets, " "),
                       join(network.gateways, " "));
    for (std::size_t i = 0; i < network.members.size(); ++i) {
      out += member_text(network.members[i], i + 1 == network.members.size());
    }
  }
  for (const PortView& port : wiring.ports) {
    out += fmt::format("port {} → {}\n", port.host, join(port.targets));
  }
  return wiring.rules.empty() ? out : out + "\n" + wiring.rules;
}

std::string wiring_mermaid(const WiringView& wiring) {
  const Drawing drawing = drawing_of(wiring);
  std::string out = "flowchart LR\n";
  for (const Node& node : drawing.nodes) {
    const bool port = node.kind == Node::Kind::kPort;
    const bool network = node.kind == Node::Kind::kNetwork;
    out += fmt::format("  {}{}\"{}\"{}\n", node.id,
                       port      ? "(["
                       : network ? "{{"
                                 : "[",
                       label_of(node, "<br/>", "#quot;"),
                       port      ? "])"
                       : network ? "}}"
                                 : "]");
  }
  for (const Edge& edge : drawing.edges) {
    out += fmt::format("  {} {}|\"{}\"| {}\n", edge.from, edge.directed ? "-->" : "---", quoted(edge.label, "#quot;"),
                       edge.to);
  }
  return out;
}

std::string wiring_graphviz(const WiringView& wiring) {
  const Drawing drawing = drawing_of(wiring);
  std::string out = "digraph networks {\n  rankdir=LR;\n";
  for (const Node& node : drawing.nodes) {
    const char* shape = node.kind == Node::Kind::kPort ? "cds" : node.kind == Node::Kind::kNetwork ? "ellipse" : "box";
    out += fmt::format("  {} [shape={}, label=\"{}\"];\n", node.id, shape, label_of(node, "\\n", "\\\""));
  }
  for (const Edge& edge : drawing.edges) {
    out += fmt::format("  {} -> {} [label=\"{}\"{}];\n", edge.from, edge.to, quoted(edge.label, "\\\""),
                       edge.directed ? "" : ", dir=none");
  }
  return out + "}\n";
}

}  // namespace cmp::cli
