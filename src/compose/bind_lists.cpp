// Ports, networks, secrets and configs.

#include <utility>

#include "compose/bind.hpp"
#include "compose/lexical_path.hpp"
#include "compose/quantity.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

model::Attachment bind_attachment(const Entry& entry) {
  const Node& node = entry.value;
  model::Attachment bound;
  bound.aliases = texts_at(node, "aliases");
  bound.ipv4_address = text_at(node, "ipv4_address");
  bound.ipv6_address = text_at(node, "ipv6_address");
  bound.mac_address = text_at(node, "mac_address");
  bound.interface_name = text_at(node, "interface_name");
  bound.link_local_ips = texts_at(node, "link_local_ips");
  bound.driver_opts = text_map(node, "driver_opts");
  bound.priority = static_cast<int>(integer_at(node, "priority").value_or(0));
  bound.gw_priority = static_cast<int>(integer_at(node, "gw_priority").value_or(0));
  bound.where = entry.key_origin.pos();
  return bound;
}

}  // namespace

std::vector<model::Port> bind_ports(const Node& service) {
  std::vector<model::Port> ports;
  for (const Node& port : items_at(service, "ports")) {
    const std::string& protocol = text_at(port, "protocol");
    const std::string& mode = text_at(port, "mode");
    ports.push_back({.host_ip = text_at(port, "host_ip"),
                     .target = static_cast<std::uint16_t>(integer_at(port, "target").value_or(0)),
                     .published = text_at(port, "published"),
                     .protocol = protocol.empty() ? "tcp" : protocol,
                     .mode = mode.empty() ? "ingress" : mode,
                     .where = port.origin.pos()});
  }
  return ports;
}

std::map<std::string, model::Attachment> bind_attachments(const Node& service) {
  std::map<std::string, model::Attachment> attachments;
  for (const Entry& entry : entries_at(service, "networks")) {
    attachments.emplace(entry.key, bind_attachment(entry));
  }
  return attachments;
}

std::vector<model::FileGrant> bind_grants(const Node& service, std::string_view key, std::string_view folder) {
  std::vector<model::FileGrant> grants;
  for (const Node& grant : items_at(service, key)) {
    model::FileGrant bound;
    bound.source = text_at(grant, "source");
    const std::string& target = text_at(grant, "target");
    bound.target = join_path(folder, target.empty() ? bound.source : target);
    bound.uid = text_at(grant, "uid");
    bound.gid = text_at(grant, "gid");
    if (const auto mode = parse_octal(text_at(grant, "mode"))) {
      bound.mode = static_cast<unsigned>(*mode);
    }
    bound.where = grant.origin.pos();
    grants.push_back(std::move(bound));
  }
  return grants;
}

}  // namespace cmp::compose
