#include "container/mounts.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "container/blame.hpp"
#include "container/default_mounts.hpp"

namespace cmp::container {

namespace {

constexpr std::array<std::string_view, 10> kAllowedInProc = {"/proc/cpuinfo",
                                                             "/proc/diskstats",
                                                             "/proc/meminfo",
                                                             "/proc/stat",
                                                             "/proc/swaps",
                                                             "/proc/uptime",
                                                             "/proc/loadavg",
                                                             "/proc/slabinfo",
                                                             "/proc/sys/kernel/ns_last_pid",
                                                             "/proc/sys/crypto/fips_enabled"};

std::size_t depth(const std::string& path) {
  return static_cast<std::size_t>(std::ranges::count(path, '/'));
}

Error refuse(const model::Service& service, const model::Mount& mount, Code code, const std::string& reason) {
  return make_error(code, reason)
      .context(fmt::format("service '{}': volume on '{}'", service.name, mount.target))
      .at(mount.where.known() ? mount.where : position(service, "volumes"));
}

Status check_target(const model::Service& service, const model::Mount& mount, const std::string& target) {
  if (!mount.target.starts_with('/')) {
    return refuse(service, mount, Code::kInvalid, "the target must be an absolute path");
  }
  if (target == "/") {
    return refuse(service, mount, Code::kInvalid, "nothing can be mounted on the container's root");
  }
  const bool in_proc = target == "/proc" || is_below(target, "/proc");
  if (in_proc && !is_stand_in(target)) {
    return refuse(service, mount, Code::kInvalid, "nothing may be mounted on or in /proc");
  }
  return {};
}

bool is_shared(const model::Mount& mount) {
  return mount.propagation == "shared" || mount.propagation == "rshared";
}

/// "rprivate" is what mounts are anyway unless another volume wants the host's later mounts.
Result<std::string> propagation_of(const model::Service& service, const model::Mount& mount, bool slave) {
  const std::string& asked = mount.propagation;
  if (asked == "slave" || asked == "rslave" || is_shared(mount)) {
    return asked;
  }
  if (!asked.empty() && asked != "private" && asked != "rprivate") {
    return refuse(service, mount, Code::kInvalid, fmt::format("'{}' is no propagation", asked));
  }
  return slave ? std::string("rprivate") : std::string();
}

struct Switch {
  std::string_view word;
  std::uint64_t set, clear;
};

constexpr std::array<Switch, 12> kSwitches = {{{"exec", 0, MS_NOEXEC},
                                               {"noexec", MS_NOEXEC, 0},
                                               {"suid", 0, MS_NOSUID},
                                               {"nosuid", MS_NOSUID, 0},
                                               {"dev", 0, MS_NODEV},
                                               {"nodev", MS_NODEV, 0},
                                               {"sync", MS_SYNCHRONOUS, 0},
                                               {"async", 0, MS_SYNCHRONOUS},
                                               {"noatime", MS_NOATIME, 0},
                                               {"atime", 0, MS_NOATIME},
                                               {"relatime", MS_RELATIME, 0},
                                               {"strictatime", MS_STRICTATIME, 0}}};

step::MountFs tmpfs_step(const model::Mount& mount, const std::string& target) {
  step::MountFs fs{.type = "tmpfs",
                   .source = "tmpfs",
                   .target = target,
                   .flags = kLocked | (mount.read_only ? MS_RDONLY : 0),
                   .data = ""};
  const auto add = [&](const std::string& option) { fs.data += (fs.data.empty() ? "" : ",") + option; };
  if (mount.tmpfs_size) {
    add(fmt::format("size={}", mount.tmpfs_size->count));
  }
  if (mount.tmpfs_mode) {
    add(fmt::format("mode={:o}", *mount.tmpfs_mode));
  }
  for (const std::string& option : mount.tmpfs_options) {
    if (const auto* word = std::ranges::find(kSwitches, std::string_view(option), &Switch::word);
        word != kSwitches.end()) {
      fs.flags = (fs.flags & ~word->clear) | word->set;
    } else {
      add(option);
    }
  }
  return fs;
}

/// The host's side of x-owner.
std::optional<HostOwner> owner_of(const model::Service& service, const model::Mount& mount) {
  return mount.for_caller && mount.owner ? std::optional(HostOwner{mount.owner->uid, mount.owner->gid, service.user})
                                         : std::nullopt;
}

std::string label_of(const model::Mount& mount) {
  if (mount.type == model::MountType::kVolume) {
    return mount.source.empty() ? "anonymous volume" : fmt::format("volume '{}'", mount.source);
  }
  return fmt::format("{} '{}'", mount.type == model::MountType::kImage ? "image" : "bind", mount.source);
}

Result<Step> service_mount(const model::Service& service, const ResolvedMount& resolved, bool slave) {
  const model::Mount& mount = resolved.mount;
  const std::string target = clean_path(mount.target);
  CMP_CHECK(check_target(service, mount, target));
  switch (mount.type) {
    case model::MountType::kTmpfs:
      return Step(tmpfs_step(mount, target));
    case model::MountType::kBind:
    case model::MountType::kVolume:
    case model::MountType::kImage:
      break;
    case model::MountType::kNpipe:
    case model::MountType::kCluster:
      return refuse(service, mount, Code::kUnsupported, "only volumes, binds, images and tmpfs are supported");
  }
  if (resolved.host_path.empty()) {
    return refuse(service, mount, Code::kInternal, "its directory on the host was not found");
  }
  CMP_TRY(std::string propagation, propagation_of(service, mount, slave));
  return Step(step::BindMount{.source = resolved.host_path,
                              .target = target,
                              .read_only = mount.read_only || mount.type == model::MountType::kImage,
                              .recursive = mount.recursive != "disabled",
                              .read_only_below = mount.recursive != "writable",
                              .propagation = std::move(propagation),
                              .label = label_of(mount),
                              .subpath = mount.subpath,
                              .owner = owner_of(service, mount),
                              .take_over = mount.type == model::MountType::kVolume});
}

struct Placed {
  std::string target;
  Step step;
};

Result<std::vector<Placed>> own_mounts(const model::Service& service, const Facts& facts) {
  std::vector<Placed> placed;
  std::set<std::string> taken;
  const bool slave = wants_host_mounts(facts);
  for (const ResolvedMount& resolved : facts.mounts) {
    CMP_TRY(Step step, service_mount(service, resolved, slave));
    std::string target = clean_path(resolved.mount.target);
    if (!taken.insert(target).second) {
      return refuse(service, resolved.mount, Code::kInvalid, "two volumes have the same target");
    }
    placed.push_back({std::move(target), std::move(step)});
  }
  const std::array etc = {std::pair(&facts.hosts_file, "/etc/hosts"), std::pair(&facts.hostname_file, "/etc/hostname"),
                          std::pair(&facts.resolv_file, "/etc/resolv.conf")};
  for (const auto& [source, target] : etc) {
    if (!source->empty() && !taken.contains(target)) {
      placed.push_back({target, step::BindMount{.source = *source,
                                                .target = target,
                                                .read_only = service.read_only,
                                                .recursive = false,
                                                .propagation = slave ? "rprivate" : "",
                                                .label = target}});
    }
  }
  std::ranges::sort(placed, [](const Placed& a, const Placed& b) {
    return std::pair(depth(a.target), a.target) < std::pair(depth(b.target), b.target);
  });
  return placed;
}

/// Before anything is mounted, so that the root's own content is what is copied.
std::vector<Step> fill_steps(const model::Service& service, const Facts& facts) {
  std::vector<Step> steps;
  for (const ResolvedMount& resolved : facts.mounts) {
    const model::Mount& mount = resolved.mount;
    if (facts.fill_volumes && mount.type == model::MountType::kVolume && !mount.nocopy && !mount.read_only &&
        mount.subpath.empty()) {
      steps.emplace_back(
          step::FillVolume{resolved.host_path, clean_path(mount.target), label_of(mount), owner_of(service, mount)});
    }
  }
  return steps;
}

}  // namespace

bool is_stand_in(const std::string& path) {
  return std::ranges::find(kAllowedInProc, path) != kAllowedInProc.end();
}

std::string clean_path(const std::string& path) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < path.size();) {
    const auto slash = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, slash - at);
    if (part == ".." && !parts.empty()) {
      parts.pop_back();
    } else if (!part.empty() && part != "." && part != "..") {
      parts.push_back(part);
    }
    at = slash + 1;
  }
  std::string clean;
  for (const std::string& part : parts) {
    clean += '/' + part;
  }
  return clean.empty() ? "/" : clean;
}

std::vector<Step> pin_steps(const Facts& facts) {
  std::vector<Step> steps;
  for (const ResolvedMount& resolved : facts.mounts) {
    if (is_shared(resolved.mount)) {
      steps.emplace_back(step::PinMount{resolved.host_path, resolved.mount.recursive != "disabled"});
    }
  }
  return steps;
}

bool wants_host_mounts(const Facts& facts) {
  return std::ranges::any_of(facts.mounts, [](const ResolvedMount& resolved) {
    return resolved.mount.propagation == "slave" || resolved.mount.propagation == "rslave";
  });
}

Result<std::vector<Step>> mount_steps(const model::Service& service, const Facts& facts) {
  CMP_TRY(std::vector<Placed> own, own_mounts(service, facts));
  std::set<std::string> taken;
  for (const Placed& placed : own) {
    taken.insert(placed.target);
  }
  std::vector<Step> steps = fill_steps(service, facts);
  for (Step& step : default_mounts(service, facts, std::move(taken))) {
    steps.push_back(std::move(step));
  }
  for (Placed& placed : own) {
    steps.push_back(std::move(placed.step));
  }
  return steps;
}

}  // namespace cmp::container
