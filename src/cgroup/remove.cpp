#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/wait.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::cgroup {

namespace {

/// 0, or the errno of the first rmdir(2) that failed. Children first; missing is fine.
int remove_tree_of(int above, const std::string& name) {
  if (::unlinkat(above, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) {
    return 0;
  }
  const int error = errno;
  const auto directory = sys::open_at(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (!directory) {
    return is_gone(directory.error()) ? 0 : error;
  }
  const auto names = children_of(directory->get());
  // Busy without children is busy with processes.
  if (!names || names->empty()) {
    return error;
  }
  for (const auto& child : *names) {
    if (const int failed = remove_tree_of(directory->get(), child); failed != 0) {
      return failed;
    }
  }
  return ::unlinkat(above, name.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : errno;
}

std::string describe(const std::vector<int>& pids) {
  std::string out;
  for (const int pid : pids) {
    std::string name = sys::read_file(fmt::format("/proc/{}/comm", pid)).value_or("?");
    while (name.ends_with('\n')) {
      name.pop_back();
    }
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", pid, name);
  }
  return out.empty() ? "nobody to be seen" : out;
}

/// Until one of the members is dead: a pidfd becomes readable then, on every version. Nobody listed, and still busy, is
/// a process between leaving the list and leaving its processor.
void wait_for_a_death(int directory, const Deadline& deadline) {
  std::vector<int> pids;
  static_cast<void>(collect_pids(directory, pids));
  std::vector<UniqueFd> opened;
  std::vector<pollfd> items;
  for (const int pid : pids) {
    if (auto fd = sys::open_pidfd(pid)) {
      items.push_back({.fd = fd->get(), .events = POLLIN, .revents = 0});
      opened.push_back(std::move(*fd));
    }
  }
  const bool all_dead = std::ranges::all_of(opened, [](const UniqueFd& fd) { return sys::has_exited(fd.get()); });
  if (all_dead) {
    pause_briefly(deadline);
    return;
  }
  ::poll(items.data(), items.size(), deadline.left_ms(100));
}

Status remove_in(const Hierarchy& hierarchy, const Group& group, const Deadline& deadline) {
  const std::string path = path_of(hierarchy, group);
  for (;;) {
    const int error = remove_tree_of(AT_FDCWD, path);
    if (error == 0) {
      return {};
    }
    if (error != EBUSY) {
      return sys_error(fmt::format("rmdir '{}'", path), error);
    }
    CMP_TRY(const UniqueFd directory, open_group(hierarchy, group));
    if (!directory) {
      return {};
    }
    if (deadline.over()) {
      std::vector<int> pids;
      CMP_CHECK(collect_pids(directory.get(), pids));
      make_set(pids);
      return make_error(Code::kConflict, fmt::format("still in use by {}", describe(pids)));
    }
    wait_for_a_death(directory.get(), deadline);
  }
}

/// Parents that are not empty refuse, which is right: others still live there.
void remove_empty_parents(const Hierarchy& hierarchy, std::string path) {
  for (auto slash = path.rfind('/'); slash != std::string::npos; slash = path.rfind('/')) {
    path.resize(slash);
    const std::string parent = path_of(hierarchy, {path});
    if (sys::exists(parent) && !is_marked(parent)) {
      return;
    }
    if (::rmdir(path_of(hierarchy, {path}).c_str()) != 0 && errno != ENOENT) {
      return;
    }
  }
}

}  // namespace

Status remove(const Layout& layout, const Group& group, std::chrono::milliseconds patience) {
  const Deadline deadline(patience);
  Status first;
  for (const auto& hierarchy : layout.hierarchies) {
    auto status = remove_in(hierarchy, group, deadline);
    if (status) {
      remove_empty_parents(hierarchy, group.path);
    } else if (first) {
      first = std::move(status);
    }
  }
  return std::move(first).context(fmt::format("remove cgroup '{}'", group.path));
}

}  // namespace cmp::cgroup
