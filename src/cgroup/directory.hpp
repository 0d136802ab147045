#pragma once
// Groups as directories, reached through descriptors: a group that is removed and made again by somebody else is never
// mistaken for the one that was opened.

#include <set>
#include <string>
#include <vector>

#include "base/unique_fd.hpp"
#include "cgroup/cgroup.hpp"

namespace cmp::cgroup {

/// The path of a group, of one of its files if `file` is given.
[[nodiscard]] std::string path_of(const Hierarchy& hierarchy, const Group& group, std::string_view file = "");

/// The words of a file; none if it cannot be read.
[[nodiscard]] std::set<std::string> words_in(const std::string& path);

/// True for the errors a group gives that is gone or going: ENOENT, ENODEV.
[[nodiscard]] bool is_gone(const Error& error);

/// The group's directory in one hierarchy; an empty fd if it has none there.
[[nodiscard]] Result<UniqueFd> open_group(const Hierarchy& hierarchy, const Group& group);

struct OpenGroup {
  const Hierarchy* hierarchy = nullptr;
  UniqueFd directory;
};

/// The group's directories in all hierarchies in which it exists. `layout` must outlive the result.
[[nodiscard]] Result<std::vector<OpenGroup>> open_everywhere(const Layout& layout, const Group& group);

/// Names of the groups directly below, sorted. Costs one fstat(2) where there are none.
[[nodiscard]] Result<std::vector<std::string>> children_of(int directory);

/// Remembers, in the kernel, that this group is ours: remove() takes away no parent without the mark. Kernels without
/// attributes on cgroups keep their empty parents.
void mark_as_made(const std::string& path);
[[nodiscard]] bool is_marked(const std::string& path);

/// Adds the pids in the group and all groups below to `pids`. A group that is going adds none.
[[nodiscard]] Status collect_pids(int directory, std::vector<int>& pids);

/// Sorts and removes doubles.
void make_set(std::vector<int>& pids);

}  // namespace cmp::cgroup
