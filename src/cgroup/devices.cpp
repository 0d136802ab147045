#include "cgroup/devices.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include <fmt/core.h>

#include "cgroup/device_program.hpp"
#include "cgroup/directory.hpp"
#include "sys/bpf.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

/// The v2 tree in which processes are born: what is on a group there holds from the first instruction.
const Hierarchy* find_v2(const Layout& layout) {
  const auto it = std::ranges::find(layout.hierarchies, Version::kV2, &Hierarchy::version);
  return it == layout.hierarchies.end() ? nullptr : &*it;
}

const Hierarchy* find_v1(const Layout& layout) {
  const auto it = std::ranges::find_if(
      layout.hierarchies, [](const Hierarchy& one) { return one.version == Version::kV1 && one.has("devices"); });
  return it == layout.hierarchies.end() ? nullptr : &*it;
}

/// Every level that is missing, each marked as ours, so that remove() takes it away again.
Status make_levels(const Hierarchy& hierarchy, const Group& group) {
  for (std::size_t end = group.path.find('/'); true; end = group.path.find('/', end + 1)) {
    const std::string path = path_of(hierarchy, {group.path.substr(0, end)});
    if (::mkdir(path.c_str(), 0755) == 0) {
      mark_as_made(path);
    } else if (errno != EEXIST) {
      return sys_error(fmt::format("make cgroup '{}'", path));
    }
    if (end == std::string::npos) {
      return {};
    }
  }
}

/// A neighbour's remove() may take an empty parent away between two steps; then the way down is made again.
Result<UniqueFd> make_group(const Hierarchy& hierarchy, const Group& group) {
  constexpr int kTries = 5;
  for (int i = 0; i < kTries; ++i) {
    const Status made = make_levels(hierarchy, group);
    if (!made && made.error().os_errno != ENOENT) {
      return made.error();
    }
    CMP_TRY(UniqueFd directory, open_group(hierarchy, group));
    if (directory) {
      return directory;
    }
  }
  return make_error(Code::kConflict, fmt::format("cgroup '{}' is taken away again and again", group.path));
}

/// The group's lists are its parent's until the first line of ours empties them.
Status write_lists(const Hierarchy& hierarchy, const Group& group, const std::vector<model::DeviceRule>& rules) {
  CMP_TRY(const UniqueFd directory, make_group(hierarchy, group));
  CMP_CHECK(sys::write_kernel_file_at(directory.get(), "devices.deny", "a"));
  for (const model::DeviceRule& rule : rules) {
    auto allowed = sys::write_kernel_file_at(directory.get(), "devices.allow", device_line(rule));
    // EPERM: the group above may not do it either.
    if (!allowed && (rule.required || allowed.error().os_errno != EPERM)) {
      return allowed;
    }
  }
  return {};
}

}  // namespace

Status DeviceControl::prepare(const Layout& layout, const std::vector<model::DeviceRule>& rules) {
  std::string why = "no cgroup v2 tree";
  if (find_v2(layout) != nullptr) {
    std::string program = device_program(rules);
    if (loaded_.contains(program)) {
      return {};
    }
    auto loaded = sys::load_device_program(program);
    if (loaded) {
      loaded_[std::move(program)] = *std::move(loaded);
      return {};
    }
    if (loaded.error().os_errno == EROFS) {
      return {};  // a dry run, which may not try (seccomp::look_only): nothing speaks against it
    }
    why = loaded.error().message;
  }
  if (find_v1(layout) != nullptr) {
    return {};
  }
  return make_error(Code::kUnsupported,
                    fmt::format("this host has no device rules: {}; no cgroup v1 controller 'devices'", why));
}

Status DeviceControl::apply(const Layout& layout, const Group& group, const std::vector<model::DeviceRule>& rules) {
  CMP_CHECK(prepare(layout, rules));
  const std::string noun = fmt::format("device rules of cgroup '{}'", group.path);
  const auto program = loaded_.find(device_program(rules));
  if (program == loaded_.end()) {
    return write_lists(*find_v1(layout), group, rules).context(noun);
  }
  CMP_TRY(const UniqueFd directory, make_group(*find_v2(layout), group));
  auto attached = sys::attach_device_program(directory.get(), program->second.get());
  // A group above may have a program that allows no others below it.
  if (const Hierarchy* lists = find_v1(layout); !attached && lists != nullptr) {
    attached = write_lists(*lists, group, rules);
  }
  return std::move(attached).context(noun);
}

}  // namespace cmp::cgroup
