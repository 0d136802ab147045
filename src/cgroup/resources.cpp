#include "cgroup/resources.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/core.h>

#include "cgroup/detect.hpp"
#include "cgroup/dialect.hpp"
#include "cgroup/directory.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

using Notes = std::vector<std::string>;

bool is_known(const Layout& layout, const CgroupMount& mount) {
  return std::ranges::any_of(layout.hierarchies, [&](const Hierarchy& one) {
    return one.version == mount.version && (mount.version == Version::kV2 || one.has(mount.controllers.front()));
  });
}

/// memory.kmem.*: the specification lets a runtime do without, and Linux has given up the first of them: a kernel has
/// no file, refuses the number, or takes it and goes on without a limit, which reading tells.
bool has_no_effect(int directory, const FileWrite& write, const Status& written) {
  if (!write.file.starts_with("memory.kmem.")) {
    return false;
  }
  const auto now = sys::read_file_at(directory, write.file);
  constexpr unsigned long long kLeastThatIsNone = 1ULL << 62U;
  return !written || !now || (std::strtoull(now->c_str(), nullptr, 10) > kLeastThatIsNone && write.value != "-1");
}

bool belongs(const Hierarchy& hierarchy, const FileWrite& write) {
  return hierarchy.has(write.controller) || (hierarchy.version == Version::kV2 && write.controller == "cgroup");
}

/// Writes what belongs to this hierarchy into the group's directory there; nothing where the group has none.
Status apply_to(const Hierarchy& hierarchy, const Group& group, const std::vector<FileWrite>& writes, Notes& notes) {
  CMP_TRY(const UniqueFd directory, open_group(hierarchy, group));
  for (const FileWrite& write : writes) {
    if (!directory || !belongs(hierarchy, write)) {
      continue;
    }
    auto written = write_file(directory.get(), write);
    if (has_no_effect(directory.get(), write, written)) {
      notes.push_back(fmt::format("{}: this kernel has no such limit any more", write.file));
      continue;
    }
    CMP_CHECK(std::move(written).context(fmt::format("cgroup '{}'", group.path)));
  }
  return {};
}

/// What v2 has no file for, by its name in a bundle.
Notes lost_on_v2(const Resources& resources) {
  Notes notes;
  const auto note = [&](bool asked, const char* property) {
    if (asked) {
      notes.push_back(fmt::format("linux.resources.{}: cgroup v2 has no such setting", property));
    }
  };
  note(resources.memory_kernel.has_value(), "memory.kernel");
  note(resources.memory_kernel_tcp.has_value(), "memory.kernelTCP");
  note(resources.memory_swappiness.has_value(), "memory.swappiness");
  note(resources.disable_oom_killer.value_or(false), "memory.disableOOMKiller");
  note(resources.cpu_realtime_runtime.value_or(0) != 0, "cpu.realtimeRuntime");
  note(resources.cpu_realtime_period.value_or(0) != 0, "cpu.realtimePeriod");
  note(resources.io_leaf_weight.has_value() || !resources.io_leaf_weight_device.empty(), "blockIO.leafWeight");
  note(resources.net_class_id.has_value(), "network.classID");
  note(!resources.net_priorities.empty(), "network.priorities");
  return notes;
}

/// What no hierarchy of this host has a place for.
Status check_placed(const Layout& layout, const std::vector<FileWrite>& v1, const std::vector<FileWrite>& v2) {
  const auto& writes = layout.version == Version::kV2 ? v2 : v1;
  for (const FileWrite& write : writes) {
    const bool placed =
        std::ranges::any_of(layout.hierarchies, [&](const Hierarchy& one) { return belongs(one, write); });
    if (!placed && write.required) {
      return make_error(Code::kUnsupported,
                        fmt::format("{}: this host has no {} controller", write.file, write.controller));
    }
  }
  return {};
}

}  // namespace

Status check_resources(const Resources& resources, Version version) {
  const std::int64_t limit = resources.memory_limit.value_or(0);
  const std::int64_t both = resources.memory_swap.value_or(0);
  if (limit > 0 && both > 0 && both < limit) {
    return make_error(Code::kInvalid,
                      "linux.resources.memory.swap: memory and swap together are less than memory alone");
  }
  if (version == Version::kV1 && !resources.unified.empty()) {
    return make_error(Code::kUnsupported, "invalid configuration: linux.resources.unified: this host has cgroup v1");
  }
  const bool outside = std::ranges::any_of(resources.unified, [](const auto& entry) {
    return entry.first.find('/') != std::string::npos || entry.first.find('.') == std::string::npos;
  });
  return outside ? make_error(Code::kInvalid, "linux.resources.unified: a name is no file of a cgroup") : Status();
}

Result<Layout> detect_everything() {
  CMP_TRY(const std::string mountinfo, sys::read_file("/proc/self/mountinfo"));
  Layout layout;
  for (const CgroupMount& mount : parse_mountinfo(mountinfo)) {
    if (is_known(layout, mount)) {
      continue;
    }
    Hierarchy hierarchy{
        .version = mount.version, .controllers = mount.controllers, .mount_point = mount.mount_point, .base = "/"};
    if (mount.version == Version::kV2) {
      const auto names = words_in(mount.mount_point + "/cgroup.controllers");
      hierarchy.controllers.assign(names.begin(), names.end());
    }
    layout.hierarchies.push_back(std::move(hierarchy));
  }
  if (layout.hierarchies.empty()) {
    return make_error(Code::kUnsupported, "no cgroup file system is mounted");
  }
  const bool only_v2 =
      std::ranges::all_of(layout.hierarchies, [](const Hierarchy& one) { return one.version == Version::kV2; });
  layout.version = only_v2 ? Version::kV2 : Version::kV1;
  return layout;
}

Result<std::vector<std::string>> apply_resources(const Layout& layout, const Group& group, const Resources& resources) {
  CMP_CHECK(check_resources(resources, layout.version));
  const auto v1 = compile_v1(resources);
  const auto v2 = compile_v2(resources);
  CMP_CHECK(check_placed(layout, v1, v2));
  Notes notes = layout.version == Version::kV2 ? lost_on_v2(resources) : Notes();
  for (const Hierarchy& hierarchy : layout.hierarchies) {
    CMP_CHECK(apply_to(hierarchy, group, hierarchy.version == Version::kV2 ? v2 : v1, notes));
  }
  return notes;
}

bool is_frozen(const Layout& layout, const Group& group) {
  return std::ranges::any_of(layout.hierarchies, [&](const Hierarchy& hierarchy) {
    const Dialect& dialect = dialect_of(hierarchy);
    const auto state = sys::read_file(path_of(hierarchy, group, dialect.state_file));
    return state && state->find(dialect.frozen_line) != std::string::npos;
  });
}

Status move_into(const Layout& layout, const Group& group, int pid) {
  for (const Hierarchy& hierarchy : layout.hierarchies) {
    CMP_CHECK(sys::write_kernel_file(path_of(hierarchy, group, "cgroup.procs"), fmt::format("{}", pid))
                  .context(fmt::format("join cgroup '{}'", group.path)));
  }
  return {};
}

}  // namespace cmp::cgroup
