#include "container/default_mounts.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "container/devices.hpp"
#include "container/security.hpp"

namespace cmp::container {

namespace {

constexpr std::uint64_t kNoSuid = MS_NOSUID;
constexpr std::uint64_t kLocked = MS_NOSUID | MS_NOEXEC | MS_NODEV;
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

void add_cgroup_v1(std::vector<Step>& steps, const Facts& facts, bool writable) {
  steps.emplace_back(step::MountFs{
      .type = "tmpfs", .source = "tmpfs", .target = "/sys/fs/cgroup", .flags = kLocked, .data = "mode=755"});
  for (const std::string& mount_point : facts.cgroup_v1_controllers) {
    const auto procs = std::ranges::find_if(facts.cgroup_procs_files,
                                            [&](const std::string& file) { return is_below(file, mount_point); });
    if (procs == facts.cgroup_procs_files.end()) {
      continue;
    }
    const std::string name = name_of(mount_point);
    steps.emplace_back(step::BindMount{.source = parent_of(*procs),
                                       .target = "/sys/fs/cgroup/" + name,
                                       .recursive = false,
                                       .label = "cgroup " + name});
    // Controllers mounted together have a link each, as systemd makes them: cpu → cpu,cpuacct.
    for (std::size_t at = 0; name.find(',') != std::string::npos && at <= name.size();) {
      const auto comma = std::min(name.find(',', at), name.size());
      steps.emplace_back(step::Symlink{.target = name, .path = "/sys/fs/cgroup/" + name.substr(at, comma - at)});
      at = comma + 1;
    }
  }
  if (!writable) {
    steps.emplace_back(step::ReadOnlyTree{"/sys/fs/cgroup"});
  }
}

void add_devices(std::vector<Step>& steps, const model::Service& service, const Facts& facts) {
  const auto nodes = device_nodes(service, facts);
  steps.insert(steps.end(), nodes.begin(), nodes.end());
  steps.emplace_back(step::Symlink{.target = "pts/ptmx", .path = "/dev/ptmx"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd", .path = "/dev/fd"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/0", .path = "/dev/stdin"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/1", .path = "/dev/stdout"});
  steps.emplace_back(step::Symlink{.target = "/proc/self/fd/2", .path = "/dev/stderr"});
  if (facts.has_kcore) {
    steps.emplace_back(step::Symlink{.target = "/proc/kcore", .path = "/dev/core"});
  }
}

}  // namespace

bool is_below(const std::string& path, const std::string& parent) {
  return path.size() > parent.size() && path.starts_with(parent) && path[parent.size()] == '/';
}

std::vector<Step> default_mounts(const model::Service& service, const Facts& facts, std::set<std::string> taken) {
  const std::uint64_t sys_flags = kLocked | (service.privileged ? 0 : MS_RDONLY);
  // What is wrong with the options is said where the credentials are made.
  const bool own_cgroups = service.privileged || security_options(service).value_or({}).writable_cgroups;
  const std::int64_t shm = service.shm_size ? service.shm_size->count : kDefaultShmBytes;
  Defaults table(std::move(taken));
  table.add({.type = "proc", .source = "proc", .target = "/proc", .flags = kLocked});
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
      add_cgroup_v1(table.steps(), facts, own_cgroups);
    }
  }
  table.add({.type = "mqueue", .source = "mqueue", .target = "/dev/mqueue", .flags = kLocked});
  table.add({.type = "tmpfs",
             .source = "shm",
             .target = "/dev/shm",
             .flags = kLocked,
             .data = fmt::format("mode=1777,size={}", shm)});
  if (table.keeps("/dev")) {
    add_devices(table.steps(), service, facts);
  }
  return std::move(table.steps());
}

}  // namespace cmp::container
