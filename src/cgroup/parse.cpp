#include <algorithm>
#include <array>

#include "cgroup/detect.hpp"
#include "sys/mount_table.hpp"

namespace cmp::cgroup {

namespace {

constexpr std::array<std::string_view, 13> kKnown = {"blkio",   "cpu",     "cpuacct",   "cpuset",  "devices",
                                                     "freezer", "hugetlb", "memory",    "net_cls", "net_prio",
                                                     "pids",    "rdma",    "perf_event"};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string> known_controllers(std::string_view options) {
  std::vector<std::string> out;
  for (const auto option : split(options, ',')) {
    if (std::ranges::find(kKnown, option) != kKnown.end()) {
      out.emplace_back(option);
    }
  }
  std::ranges::sort(out);
  return out;
}

std::optional<CgroupMount> cgroup_mount(const sys::MountEntry& entry) {
  CgroupMount mount{.root = entry.root, .mount_point = entry.point};
  if (entry.type == "cgroup2") {
    mount.version = Version::kV2;
    return mount;
  }
  mount.controllers = known_controllers(entry.super_options);
  return entry.type == "cgroup" && !mount.controllers.empty() ? std::optional(mount) : std::nullopt;
}

const Membership* membership_of(const CgroupMount& mount, const std::vector<Membership>& memberships) {
  for (const auto& membership : memberships) {
    const auto& names = membership.controllers;
    const bool same = mount.version == Version::kV2
                          ? names.empty()
                          : std::ranges::find(names, mount.controllers.front()) != names.end();
    if (same) {
      return &membership;
    }
  }
  return nullptr;
}

/// `path` as seen from the mount point; nothing if the mount shows another part of the tree.
std::optional<std::string> below_root(std::string_view path, std::string_view root) {
  if (root == "/") {
    return std::string(path);
  }
  if (path == root) {
    return "/";
  }
  if (path.starts_with(root) && path[root.size()] == '/') {
    return std::string(path.substr(root.size()));
  }
  return std::nullopt;
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

std::vector<CgroupMount> parse_mountinfo(std::string_view text) {
  std::vector<CgroupMount> out;
  for (const sys::MountEntry& entry : sys::parse_mount_table(text)) {
    if (auto mount = cgroup_mount(entry)) {
      out.push_back(std::move(*mount));
    }
  }
  return out;
}

std::vector<Membership> parse_membership(std::string_view text) {
  std::vector<Membership> out;
  for (const auto line : split(text, '\n')) {
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) {
      continue;
    }
    Membership membership{.path = std::string(line.substr(second + 1))};
    for (const auto name : split(line.substr(first + 1, second - first - 1), ',')) {
      membership.controllers.emplace_back(name);
    }
    out.push_back(std::move(membership));
  }
  return out;
}

std::vector<std::string> base_candidates(const CgroupMount& mount, const std::vector<Membership>& memberships) {
  std::vector<std::string> out = {"/"};
  const Membership* own = membership_of(mount, memberships);
  // A removed group says " (deleted)"; "/.." is a group outside the caller's cgroup namespace (cgroup_namespaces(7)).
  if (own == nullptr || own->path.ends_with(" (deleted)") || own->path.starts_with("/..")) {
    return out;
  }
  const auto path = below_root(own->path, mount.root);
  if (path && *path != "/") {
    if (const auto parent = parent_of(*path); parent != "/") {
      out.push_back(parent);
    }
    out.push_back(*path);
  }
  return out;
}

}  // namespace cmp::cgroup
