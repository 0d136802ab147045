// Makes groups and writes limits: loops over hierarchies. What differs between versions is in dialect.hpp.

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/counters.hpp"
#include "cgroup/dialect.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/limits.hpp"
#include "cgroup/real_time.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

/// "cmp", "cmp/shop", "cmp/shop/web-1" for the last of them.
std::vector<std::string> levels_of(const Group& group) {
  std::vector<std::string> levels;
  for (auto slash = group.path.find('/'); slash != std::string::npos; slash = group.path.find('/', slash + 1)) {
    levels.push_back(group.path.substr(0, slash));
  }
  levels.push_back(group.path);
  return levels;
}

/// v1's cpuset starts a group without processors and memory nodes and lets nobody in (cpuset(7)).
Status inherit(const Hierarchy& hierarchy, const std::string& path) {
  for (const auto file : dialect_of(hierarchy).inherited) {
    if (file.empty() || !hierarchy.has("cpuset")) {
      continue;
    }
    const std::string name(file);
    CMP_TRY(const std::string own, sys::read_file(path + "/" + name));
    if (own.find_first_not_of('\n') == std::string::npos) {
      CMP_TRY(const std::string parents, sys::read_file(path + "/../" + name));
      CMP_CHECK(sys::write_kernel_file(path + "/" + name, parents));
    }
  }
  return {};
}

Status make_level(const Hierarchy& hierarchy, const std::string& path) {
  if (::mkdir(path.c_str(), 0755) == 0) {
    mark_as_made(path);
  } else if (errno != EEXIST) {
    return sys_error(fmt::format("make cgroup '{}'", path));
  }
  return inherit(hierarchy, path);
}

/// On v2 a group has the files of a controller only if its parent enables it for the groups below.
Status enable_below(const Hierarchy& hierarchy, const std::string& path, const std::vector<std::string>& wanted) {
  const auto file = dialect_of(hierarchy).enable_file;
  std::string text;
  for (const auto& name : wanted) {
    if (hierarchy.has(name)) {
      text += fmt::format("{}+{}", text.empty() ? "" : " ", name);
    }
  }
  if (file.empty() || text.empty()) {
    return {};
  }
  return sys::write_kernel_file(fmt::format("{}/{}", path, file), text);
}

Status make_in(const Hierarchy& hierarchy, const Group& group, const std::vector<std::string>& wanted) {
  std::string above = hierarchy.mount_point + (hierarchy.base == "/" ? "" : hierarchy.base);
  for (const auto& level : levels_of(group)) {
    CMP_CHECK(enable_below(hierarchy, above, wanted));
    above = path_of(hierarchy, {level});
    CMP_CHECK(make_level(hierarchy, above));
  }
  return {};
}

/// A neighbour's remove() may take an empty parent away between two steps; then the way down is made again.
Status make_in_retrying(const Hierarchy& hierarchy, const Group& group, const std::vector<std::string>& wanted) {
  constexpr int kTries = 5;
  Status status;
  for (int i = 0; i < kTries; ++i) {
    status = make_in(hierarchy, group, wanted);
    if (status || !is_gone(status.error())) {
      break;
    }
  }
  return status;
}

Status write_limits(const Hierarchy& hierarchy, const Group& group, const model::Limits& limits,
                    const Resources& resources) {
  CMP_TRY(const UniqueFd directory, open_group(hierarchy, group));
  if (!directory) {
    return make_error(Code::kNotFound, "no such group");
  }
  CMP_CHECK(grant_real_time(hierarchy, group, limits));
  for (const auto& write : dialect_of(hierarchy).compile(resources)) {
    if (hierarchy.has(write.controller)) {
      CMP_CHECK(write_file(directory.get(), write));
    }
  }
  return {};
}

/// Moves everybody into a hierarchy that became necessary. Who is forked meanwhile is found in the next round.
Status move_members(const Layout& layout, const Hierarchy& hierarchy, const Group& group) {
  constexpr int kRounds = 20;
  const std::string file = path_of(hierarchy, group, "cgroup.procs");
  std::vector<int> moved;
  for (int i = 0; i < kRounds; ++i) {
    CMP_TRY(const std::vector<int> members, processes(layout, group));
    std::vector<int> missing;
    std::ranges::set_difference(members, moved, std::back_inserter(missing));
    if (missing.empty()) {
      break;
    }
    for (const int pid : missing) {
      auto status = sys::write_kernel_file(file, fmt::format("{}", pid));
      if (!status && status.error().os_errno != ESRCH) {
        return status;
      }
    }
    moved = members;
  }
  return {};
}

std::string noun(const Group& group) {
  return fmt::format("cgroup '{}'", group.path);
}

bool must_move_in(const Hierarchy& hierarchy) {
  return !hierarchy.born_inside;
}

}  // namespace

Status create(const Layout& layout, const Group& group, const model::Limits& limits) {
  const auto wanted = needed_controllers(limits);
  const auto chosen = joined(layout, limits);
  for (const auto& hierarchy : layout.hierarchies) {
    // Fails on purpose where somebody is inside: that group is reused.
    ::rmdir(path_of(hierarchy, group).c_str());
  }
  for (const auto& hierarchy : chosen) {
    CMP_CHECK(make_in_retrying(hierarchy, group, wanted).context(noun(group)));
    CMP_CHECK(write_limits(hierarchy, group, limits, resources_of(limits)).context(noun(group)));
  }
  return {};
}

Status create_everywhere(const Layout& layout, const Group& group) {
  for (const auto& hierarchy : layout.hierarchies) {
    // A v2 controller that cannot be had below (real-time processes, threads) is missed only by who asks for it.
    auto made = make_in_retrying(hierarchy, group, hierarchy.controllers);
    if (!made && hierarchy.version == Version::kV2) {
      made = make_in_retrying(hierarchy, group, {});
    }
    CMP_CHECK(std::move(made).context(noun(group)));
  }
  return {};
}

namespace {

/// v2 takes a limit that is below what is in use and kills for it; v1 refuses by itself.
Status check_memory_in_use(const std::vector<OpenGroup>& groups, const model::Limits& after) {
  const std::int64_t limit = after.memory.value_or(Bytes{}).count;
  for (const OpenGroup& group : groups) {
    if (limit <= 0 || group.hierarchy->version != Version::kV2 || !group.hierarchy->has("memory")) {
      continue;
    }
    const auto stat = sys::read_file_at(group.directory.get(), "memory.stat");
    std::uint64_t used = 0;
    for (const char* kind : {"anon", "shmem", "kernel_stack", "pagetables", "slab_unreclaimable"}) {
      used += stat ? value_in(*stat, kind).value_or(0) : 0;
    }
    if (used > static_cast<std::uint64_t>(limit)) {
      return make_error(Code::kConflict,
                        fmt::format("{} bytes of memory are in use, more than the new limit of {}", used, limit));
    }
  }
  return {};
}

Status change_once(const Layout& layout, const Group& group, const model::Limits& before, const model::Limits& after) {
  CMP_TRY(const auto existing, open_everywhere(layout, group));
  if (existing.empty()) {
    return make_error(Code::kNotFound, "no such group");
  }
  CMP_CHECK(check_memory_in_use(existing, after));
  const Resources resources = resources_of_change(before, after);
  const auto wanted = joined(layout, after);
  for (const auto& hierarchy : layout.hierarchies) {
    const bool there = std::ranges::any_of(existing, [&](const OpenGroup& one) { return *one.hierarchy == hierarchy; });
    const bool needed = std::ranges::find(wanted, hierarchy) != wanted.end();
    if (needed) {
      CMP_CHECK(make_in_retrying(hierarchy, group, needed_controllers(after)));
    }
    if (needed || there) {
      CMP_CHECK(write_limits(hierarchy, group, after, resources));
    }
    if (needed && !there) {
      CMP_CHECK(move_members(layout, hierarchy, group));
    }
  }
  return {};
}

}  // namespace

Status change(const Layout& layout, const Group& group, const model::Limits& before, const model::Limits& after) {
  Status changed = change_once(layout, group, before, after);
  if (!changed) {
    static_cast<void>(change_once(layout, group, after, before));  // the error to tell is the first one
  }
  return std::move(changed).context(noun(group));
}

std::vector<std::string> join_files(const Layout& layout, const Group& group) {
  std::vector<std::string> out;
  for (const auto& hierarchy : layout.hierarchies) {
    std::string file = path_of(hierarchy, group, dialect_of(hierarchy).join_file);
    if (must_move_in(hierarchy) && sys::exists(file)) {
      out.push_back(std::move(file));
    }
  }
  return out;
}

std::vector<std::string> join_files(const Layout& layout, const Group& group, const model::Limits& limits) {
  std::vector<std::string> out;
  for (const auto& hierarchy : joined(layout, limits)) {
    if (must_move_in(hierarchy)) {
      out.push_back(path_of(hierarchy, group, dialect_of(hierarchy).join_file));
    }
  }
  return out;
}

Result<UniqueFd> open_for_clone(const Layout& layout, const Group& group) {
  const auto it = std::ranges::find(layout.hierarchies, true, &Hierarchy::born_inside);
  if (it == layout.hierarchies.end()) {
    return UniqueFd();
  }
  return sys::open_file(path_of(*it, group), O_RDONLY | O_DIRECTORY).context(noun(group));
}

}  // namespace cmp::cgroup
