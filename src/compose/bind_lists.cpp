// volumes and tmpfs, ports, networks, secrets and configs.

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "compose/bind.hpp"
#include "compose/lexical_path.hpp"
#include "compose/quantity.hpp"
#include "compose/tree_values.hpp"

namespace cmp::compose {
namespace {

using model::MountType;

MountType mount_type(const std::string& word) {
  constexpr std::array<std::pair<std::string_view, MountType>, 6> kTypes{{{"bind", MountType::kBind},
                                                                          {"volume", MountType::kVolume},
                                                                          {"tmpfs", MountType::kTmpfs},
                                                                          {"image", MountType::kImage},
                                                                          {"npipe", MountType::kNpipe},
                                                                          {"cluster", MountType::kCluster}}};
  const auto* found = std::ranges::find(kTypes, std::string_view(word), &std::pair<std::string_view, MountType>::first);
  return found == kTypes.end() ? MountType::kVolume : found->second;
}

void bind_tmpfs_options(const Node& mount, model::Mount& bound) {
  const Node* options = find_path(mount, {"tmpfs"});
  if (options == nullptr) {
    return;
  }
  if (const auto size = integer_at(*options, "size"); size && *size > 0) {
    bound.tmpfs_size = Bytes{*size};
  }
  if (const auto mode = integer_at(*options, "mode"); mode && *mode > 0) {
    bound.tmpfs_mode = static_cast<unsigned>(*mode);
  }
}

model::Mount bind_mount(const Node& mount) {
  model::Mount bound;
  bound.type = mount_type(text_at(mount, "type"));
  bound.source = text_at(mount, "source");
  bound.target = text_at(mount, "target");
  bound.read_only = bool_at(mount, "read_only").value_or(false);
  bound.where = mount.origin.pos();
  const Node* bind_options = find_path(mount, {"bind"});
  if (bound.type == MountType::kBind) {
    bound.create_host_path = bind_options == nullptr || bool_at(*bind_options, "create_host_path").value_or(true);
  }
  if (bind_options != nullptr) {
    bound.propagation = text_at(*bind_options, "propagation");
  }
  for (const char* key : {"volume", "image"}) {
    if (const Node* options = find_path(mount, {key})) {
      bound.nocopy = bool_at(*options, "nocopy").value_or(false);
      bound.subpath = text_at(*options, "subpath");
    }
  }
  bind_tmpfs_options(mount, bound);
  return bound;
}

/// Those that the file system or the mount takes as they are.
bool is_further_option(std::string_view option) {
  const auto equals = std::min(option.find('='), option.size());
  const std::string_view name = option.substr(0, equals);
  const std::string_view value = option.substr(std::min(equals + 1, option.size()));
  if (name == "uid" || name == "gid" || name == "nr_inodes") {
    return !value.empty() && value.size() < 10 && value.find_first_not_of("0123456789") == std::string_view::npos;
  }
  return option == "exec" || option == "suid" || option == "dev";
}

/// False for an option that this mount can't have.
bool apply_tmpfs_option(std::string_view option, model::Mount& bound) {
  const std::string_view name = option.substr(0, option.find('='));
  const std::string_view value = name.size() < option.size() ? option.substr(name.size() + 1) : std::string_view();
  if (name == "size") {
    const auto size = parse_bytes(value);
    bound.tmpfs_size = size && size->count > 0 ? size : bound.tmpfs_size;
    return size.has_value();
  }
  if (name == "mode") {
    const auto mode = parse_octal(value);
    bound.tmpfs_mode = mode ? std::optional(static_cast<unsigned>(*mode)) : bound.tmpfs_mode;
    return mode.has_value();
  }
  if (name == "ro" || name == "rw") {
    bound.read_only = name == "ro";
    return true;
  }
  if (is_further_option(option)) {
    bound.tmpfs_options.emplace_back(option);
    return true;
  }
  return name.empty() || name == "noexec" || name == "nosuid" || name == "nodev";
}

/// PATH[:option,option]
model::Mount bind_tmpfs(const Node& item, const std::string& place, Problems& problems) {
  model::Mount bound;
  const std::string_view text = item.scalar;
  bound.type = MountType::kTmpfs;
  bound.where = item.origin.pos();
  const std::size_t colon = text.find(':');
  bound.target = clean_path(text.substr(0, colon));
  std::string_view rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  while (!rest.empty()) {
    const std::string_view option = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(option.size() + 1, rest.size()));
    if (!apply_tmpfs_option(option, bound)) {
      problems.warn(
          item.origin,
          fmt::format("{}: option '{}' has no effect (known: size, mode, uid, gid, nr_inodes, ro, rw, exec, suid, dev)",
                      place, option));
    }
  }
  return bound;
}

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

std::vector<model::Mount> bind_mounts(const std::string& name, const Node& service, Problems& problems) {
  std::vector<model::Mount> mounts;
  for (const Node& mount : items_at(service, "volumes")) {
    mounts.push_back(bind_mount(mount));
  }
  const auto& tmpfs = items_at(service, "tmpfs");
  for (std::size_t i = 0; i < tmpfs.size(); ++i) {
    mounts.push_back(bind_tmpfs(tmpfs[i], fmt::format("services.{}.tmpfs[{}]", name, i), problems));
  }
  return mounts;
}

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
