// config-linux.md but for control groups.

#include <sys/personality.h>

#include <algorithm>
#include <array>
#include <set>

#include "oci/config.hpp"
#include "oci/node.hpp"

namespace cmp::oci {

namespace {

constexpr std::array<std::string_view, 8> kNamespaces = {"cgroup", "ipc",  "mount", "network",
                                                         "pid",    "time", "user",  "uts"};

void read_namespaces(const Node& list, std::vector<Namespace>& into) {
  std::set<std::string> seen;
  list.each([&](const Node& node) {
    Namespace& one = into.emplace_back();
    node.at("type").require("is required");
    node.at("type").read(one.type);
    node.at("path").read(one.path);
    if (std::ranges::find(kNamespaces, one.type) == kNamespaces.end()) {
      node.at("type").complain(fmt::format("'{}' is no kind of namespace", one.type));
    }
    if (!seen.insert(one.type).second) {
      node.at("type").complain(fmt::format("'{}' is given twice", one.type));
    }
    if (!one.path.empty() && !one.path.starts_with('/')) {
      node.at("path").complain(fmt::format("'{}' is not absolute", one.path));
    }
  });
}

void read_device(const Node& node, Device& device) {
  std::string type;
  node.at("type").require("is required");
  node.at("type").read(type);
  node.at("path").require("is required");
  node.at("path").read(device.path);
  node.at("major").read(device.major);
  node.at("minor").read(device.minor);
  node.at("fileMode").read(device.file_mode);
  node.at("uid").read(device.uid);
  node.at("gid").read(device.gid);
  if (type != "c" && type != "u" && type != "b" && type != "p") {
    node.at("type").complain(fmt::format("'{}' is none of c, b, u and p", type));
    return;
  }
  device.type = type == "u" ? 'c' : type.front();
  if (!device.path.starts_with('/')) {
    node.at("path").complain(fmt::format("'{}' is not absolute", device.path));
  }
}

void read_propagation(const Node& node, std::string& into) {
  constexpr std::array<std::string_view, 9> kPropagationWords = {
      "", "private", "rprivate", "slave", "rslave", "shared", "rshared", "unbindable", "runbindable"};
  node.read(into);
  if (std::ranges::find(kPropagationWords, into) == kPropagationWords.end()) {
    node.complain(fmt::format("'{}' is no propagation", into));
  }
}

void read_absolute_paths(const Node& node, std::vector<std::string>& into) {
  node.read(into);
  for (const std::string& path : into) {
    if (!path.starts_with('/')) {
      node.complain(fmt::format("'{}' is not absolute", path));
    }
  }
}

void read_personality(const Node& node, std::optional<unsigned long>& into) {
  if (!node.present()) {
    return;
  }
  std::string domain;
  std::vector<std::string> flags;
  node.at("domain").read(domain);
  node.at("flags").read(flags);
  if (domain != "LINUX" && domain != "LINUX32") {
    node.at("domain").complain(fmt::format("'{}' is neither LINUX nor LINUX32", domain));
  }
  if (!flags.empty()) {
    node.at("flags").complain("none is known: the specification has defined none");
  }
  into = domain == "LINUX32" ? PER_LINUX32 : PER_LINUX;
}

}  // namespace

void read_mappings(const Node& list, std::vector<IdMapping>& into) {
  list.each([&](const Node& node) {
    IdMapping& one = into.emplace_back();
    node.at("containerID").read(one.container_id);
    node.at("hostID").read(one.host_id);
    node.at("size").read(one.size);
  });
}

void read_linux(const Node& node, Linux& out) {
  read_namespaces(node.at("namespaces"), out.namespaces);
  read_mappings(node.at("uidMappings"), out.uid_mappings);
  read_mappings(node.at("gidMappings"), out.gid_mappings);
  node.at("timeOffsets").each_entry([&](const std::string& clock, const Node& offset) {
    offset.at("secs").read(out.time_offsets[clock].seconds);
    offset.at("nanosecs").read(out.time_offsets[clock].nanoseconds);
    if (clock != "monotonic" && clock != "boottime") {
      offset.complain("no clock of a time namespace");
    }
  });
  node.at("devices").each([&](const Node& device) { read_device(device, out.devices.emplace_back()); });
  node.at("cgroupsPath").read(out.cgroups_path);
  read_resources(node.at("resources"), out.resources);
  node.at("sysctl").read(out.sysctl);
  if (const Node seccomp = node.at("seccomp"); seccomp.present()) {
    out.seccomp = seccomp.json().dump();
    if (seccomp.at("listenerPath").present()) {
      seccomp.at("listenerPath").complain("is not supported: no agent is handed what a filter notifies of");
    }
  }
  read_propagation(node.at("rootfsPropagation"), out.rootfs_propagation);
  read_absolute_paths(node.at("maskedPaths"), out.masked_paths);
  read_absolute_paths(node.at("readonlyPaths"), out.readonly_paths);
  node.at("mountLabel").read(out.mount_label);
  read_personality(node.at("personality"), out.personality);
  if (node.at("intelRdt").present()) {
    node.at("intelRdt").complain("is not supported");
  }
}

}  // namespace cmp::oci
