#include "cgroup/detect.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <set>

#include <climits>
#include <fmt/core.h>

#include "cgroup/directory.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

bool writable(const std::string& path) {
  return ::faccessat(AT_FDCWD, path.c_str(), W_OK | X_OK, AT_EACCESS) == 0;
}

std::string directory_of(const std::string& mount_point, const std::string& base) {
  return base == "/" ? mount_point : mount_point + base;
}

/// The controllers groups below `directory` can get on v2. All it has if it may enable them itself; else those somebody
/// has enabled already. A group that holds processes may not enable any, the root group of the host excepted, which is
/// the one without a cgroup.type (admin-guide/cgroup-v2, "No Internal Process Constraint").
std::set<std::string> given_below(const std::string& directory) {
  const std::string control = directory + "/cgroup.subtree_control";
  const bool is_root = !sys::exists(directory + "/cgroup.type");
  const bool may_enable = ::faccessat(AT_FDCWD, control.c_str(), W_OK, AT_EACCESS) == 0 &&
                          (is_root || words_in(directory + "/cgroup.procs").empty());
  return words_in(may_enable ? directory + "/cgroup.controllers" : control);
}

/// The first candidate that may be written and, on v2, gives what the hierarchy has; else the first that may be
/// written.
std::optional<Hierarchy> choose_base(const CgroupMount& mount, const std::vector<Membership>& memberships,
                                     const Abilities& abilities) {
  std::optional<Hierarchy> best;
  for (const auto& base : base_candidates(mount, memberships)) {
    const std::string directory = directory_of(mount.mount_point, base);
    if (!writable(directory)) {
      continue;
    }
    Hierarchy found{
        .version = mount.version, .controllers = mount.controllers, .mount_point = mount.mount_point, .base = base};
    if (mount.version == Version::kV2) {
      const auto given = given_below(directory);
      found.controllers.assign(given.begin(), given.end());
      found.born_inside = abilities.clone_into_cgroup;
    }
    if (!best || found.controllers.size() > best->controllers.size()) {
      best = std::move(found);
    }
  }
  return best;
}

/// One mount of each hierarchy: the first that may be written. Containers' bind mounts show up as further ones.
bool is_new(const std::vector<Hierarchy>& hierarchies, const CgroupMount& mount) {
  return std::ranges::none_of(hierarchies, [&](const Hierarchy& one) {
    return one.version == mount.version && (mount.version == Version::kV2 || one.has(mount.controllers.front()));
  });
}

bool limits_anything(const Hierarchy& hierarchy) {
  constexpr std::array<std::string_view, 4> kUsed = {"cpu", "cpuset", "memory", "pids"};
  return std::ranges::any_of(kUsed, [&](std::string_view name) { return hierarchy.has(name); });
}

/// On a host whose limits are v1's, a v2 tree in which nobody can be born is one more hierarchy to move into: for that
/// the v1 freezer is as good.
void drop_useless_v2_tree(std::vector<Hierarchy>& hierarchies) {
  const bool has_v1 = std::ranges::find(hierarchies, Version::kV1, &Hierarchy::version) != hierarchies.end();
  std::erase_if(hierarchies, [&](const Hierarchy& one) {
    return has_v1 && one.version == Version::kV2 && !one.born_inside && !limits_anything(one);
  });
}

std::string controllers_text(const Hierarchy& hierarchy) {
  std::string out;
  for (const auto& name : hierarchy.controllers) {
    out += (out.empty() ? "" : ",") + name;
  }
  return out.empty() ? "no controllers" : out;
}

std::string reason_text(const Hierarchy& hierarchy) {
  if (hierarchy.base == "/") {
    return "the root group may be written";
  }
  return fmt::format("under '{}': the root group may not be written or gives less", hierarchy.base);
}

std::string why_text(const std::vector<Hierarchy>& hierarchies) {
  std::string out;
  for (const auto& one : hierarchies) {
    out += fmt::format("{}{} {} at {} ({})", out.empty() ? "" : "; ", one.version == Version::kV2 ? "v2" : "v1",
                       controllers_text(one), one.mount_point, reason_text(one));
  }
  return out;
}

bool counts_swap(const std::vector<Hierarchy>& hierarchies) {
  const auto it = std::ranges::find_if(hierarchies, [](const Hierarchy& one) { return one.has("memory"); });
  if (it == hierarchies.end()) {
    return false;
  }
  // The host's root group has no memory.swap.max on v2; a kernel without swap has no /proc/swaps.
  return it->version == Version::kV2
             ? sys::exists("/proc/swaps")
             : sys::exists(directory_of(it->mount_point, it->base) + "/memory.memsw.limit_in_bytes");
}

bool limits_real_time(const std::vector<Hierarchy>& hierarchies) {
  return std::ranges::any_of(hierarchies, [](const Hierarchy& one) {
    return one.version == Version::kV1 && one.has("cpu") &&
           sys::exists(directory_of(one.mount_point, one.base) + "/cpu.rt_runtime_us");
  });
}

/// Asks for a child in a cgroup that cannot be: a kernel that knows CLONE_INTO_CGROUP says EBADF and makes none.
bool can_clone_into_cgroup() {
  clone_args args{};
  args.flags = CLONE_INTO_CGROUP;
  args.cgroup = INT_MAX;
  return ::syscall(SYS_clone3, &args, sizeof args) < 0 && errno == EBADF;
}

}  // namespace

Result<Layout> detect_in(std::string_view mountinfo, std::string_view membership, const Abilities& abilities) {
  const auto memberships = parse_membership(membership);
  Layout layout;
  for (const auto& mount : parse_mountinfo(mountinfo)) {
    if (!is_new(layout.hierarchies, mount)) {
      continue;
    }
    if (auto hierarchy = choose_base(mount, memberships, abilities)) {
      layout.hierarchies.push_back(std::move(*hierarchy));
    }
  }
  drop_useless_v2_tree(layout.hierarchies);
  if (layout.hierarchies.empty()) {
    return make_error(Code::kUnsupported,
                      "no cgroup may be written: run as root, or in a delegated group (systemd-run --user --scope "
                      "-p Delegate=yes), and in a container with /sys/fs/cgroup mounted writable");
  }
  std::ranges::sort(layout.hierarchies, [](const Hierarchy& a, const Hierarchy& b) {
    return std::pair(a.version != Version::kV2, a.mount_point) < std::pair(b.version != Version::kV2, b.mount_point);
  });
  const auto with_memory = std::ranges::find_if(layout.hierarchies, [](const auto& one) { return one.has("memory"); });
  layout.version = (with_memory != layout.hierarchies.end() ? *with_memory : layout.hierarchies.back()).version;
  layout.swap = counts_swap(layout.hierarchies);
  layout.real_time = limits_real_time(layout.hierarchies);
  layout.why = why_text(layout.hierarchies);
  return layout;
}

Result<Layout> detect() {
  CMP_TRY(const std::string mountinfo, sys::read_file("/proc/self/mountinfo"));
  CMP_TRY(const std::string membership, sys::read_file("/proc/self/cgroup"));
  return detect_in(mountinfo, membership, {.clone_into_cgroup = can_clone_into_cgroup()}).context("cgroups");
}

}  // namespace cmp::cgroup
