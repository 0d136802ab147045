#include "container/default_mounts.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <iterator>

#include <fmt/core.h>

#include "container/devices.hpp"
#include "container/security.hpp"
#include "model/namespaces.hpp"

namespace cmp::container {

namespace {

constexpr std::uint64_t kNoSuid = MS_NOSUID;
constexpr std::int64_t kDefaultShmBytes = 64 << 20;

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// The rows of the default table that the service's own mounts leave in place.
class Defaults {
 public:
  explicit Defaults(std::set<std::string> taken) : taken_(std::move(taken)) {}

  [[nodiscard]] bool keeps(const std::string& target) const {
    return !taken_.contains(target) && !(taken_.contains("/dev") && is_below(target, "/dev"));
  }

  void add(step::MountFs row) {
    if (keeps(row.target)) {
      steps_.emplace_back(std::move(row));
    }
  }

  std::vector<Step>& steps() { return steps_; }

 private:
  std::set<std::string> taken_;
  std::vector<Step> steps_;
};

/// The part of a controller's tree that the service sees: its own group, or with cgroup: host all of it. "" is none.
std::string shown_part(const std::string& mount_point, const Facts& facts, bool all) {
  const auto procs = std::ranges::find_if(facts.cgroup_join_files,
                                          [&](const std::string& file) { return is_below(file, mount_point); });
  return all ? mount_point : procs == facts.cgroup_join_files.end() ? "" : parent_of(*procs);
}

void add_cgroup_v1(std::vector<Step>& steps, const model::Service& service, const Facts& facts, bool writable) {
  steps.emplace_back(step::MountFs{
      .type = "tmpfs", .source = "tmpfs", .target = "/sys/fs/cgroup", .flags = kLocked, .data = "mode=755"});
  const bool all = !model::namespace_mode(service.cgroup).own();
  for (const std::string& mount_point : facts.cgroup_v1_controllers) {
    const std::string part = shown_part(mount_point, facts, all);
    if (part.empty()) {
      continue;
    }
    const std::string name = name_of(mount_point);
    steps.emplace_back(step::BindMount{
        .source = part, .target = "/sys/fs/cgroup/" + name, .recursive = false, .label = "cgroup " + name});
    std::ranges::move(controller_links(name, "/sys/fs/cgroup"), std::back_inserter(steps));
  }
  if (!writable) {
    steps.emplace_back(step::ReadOnlyTree{"/sys/fs/cgroup"});
  }
}

void add_devices(std::vector<Step>& steps, const model::Service& service, const Facts& facts) {
  const auto nodes = device_nodes(service, facts);
  steps.insert(steps.end(), nodes.begin(), nodes.end());
  std::ranges::move(device_links(facts.has_kcore), std::back_inserter(steps));
}

/// /dev/shm belongs to the IPC namespace: System V and POSIX shared memory are shared together.
void add_shm(Defaults& table, const model::Service& service, const Facts& facts) {
  const model::NamespaceMode ipc = model::namespace_mode(service.ipc);
  if (!table.keeps("/dev/shm") || ipc.sharing == model::Sharing::kNone) {
    return;
  }
  if (const auto owner = facts.owners.find("ipc"); ipc.joined() && owner != facts.owners.end()) {
    table.steps().emplace_back(step::ShareMount{owner->second, "/dev/shm"});
  } else if (ipc.sharing == model::Sharing::kHost) {
    table.steps().emplace_back(step::BindMount{
        .source = "/dev/shm", .target = "/dev/shm", .recursive = false, .label = "the host's /dev/shm"});
  } else {
    const std::int64_t bytes = service.shm_size ? service.shm_size->count : kDefaultShmBytes;
    table.add({.type = "tmpfs",
               .source = "shm",
               .target = "/dev/shm",
               .flags = kLocked,
               .data = fmt::format("mode=1777,size={}", bytes)});
  }
}

void add_lxcfs(Defaults& table, const Facts& facts) {
  for (const std::string& file : facts.lxcfs_files) {
    const std::string target = "/proc/" + name_of(file);
    if (table.keeps(target)) {
      table.steps().emplace_back(
          step::BindMount{.source = file, .target = target, .read_only = true, .recursive = false, .label = "lxcfs"});
    }
  }
}

}  // namespace

bool is_below(const std::string& path, const std::string& parent) {
  return path.size() > parent.size() && path.starts_with(parent) && path[parent.size()] == '/';
}

std::vector<Step> controller_links(const std::string& name, const std::string& directory) {
  std::vector<Step> steps;
  for (std::size_t at = 0; name.find(',') != std::string::npos && at <= name.size();) {
    const auto comma = std::min(name.find(',', at), name.size());
    steps.emplace_back(step::Symlink{.target = name, .path = directory + "/" + name.substr(at, comma - at)});
    at = comma + 1;
  }
  return steps;
}

std::vector<Step> default_mounts(const model::Service& service, const Facts& facts, std::set<std::string> taken) {
  const std::uint64_t sys_flags = kLocked | (service.privileged ? 0 : MS_RDONLY);
  // What is wrong with the options is said where the credentials are made.
  const bool own_cgroups = service.privileged || security_options(service).value_or({}).writable_cgroups;
  Defaults table(std::move(taken));
  table.add({.type = "proc", .source = "proc", .target = "/proc", .flags = kLocked});
  add_lxcfs(table, facts);
  table.add({.type = "tmpfs",
             .source = "tmpfs",
             .target = "/dev",
             .flags = kNoSuid | MS_STRICTATIME,
             .data = "mode=755,size=65536k"});
  table.add({.type = "devpts",
             .source = "devpts",
             .target = "/dev/pts",
             .flags = kNoSuid | MS_NOEXEC,
             .data = "newinstance,ptmxmode=0666,mode=0620,gid=5"});
  table.add({.type = "sysfs", .source = "sysfs", .target = "/sys", .flags = sys_flags});
  if (table.keeps("/sys/fs/cgroup")) {
    if (facts.cgroup_v2) {
      table.add({.type = "cgroup2",
                 .source = "cgroup",
                 .target = "/sys/fs/cgroup",
                 .flags = kLocked | (own_cgroups ? 0 : MS_RDONLY)});
    } else {
      add_cgroup_v1(table.steps(), service, facts, own_cgroups);
    }
  }
  table.add({.type = "mqueue", .source = "mqueue", .target = "/dev/mqueue", .flags = kLocked});
  add_shm(table, service, facts);
  if (table.keeps("/dev")) {
    add_devices(table.steps(), service, facts);
  }
  return std::move(table.steps());
}

}  // namespace cmp::container
