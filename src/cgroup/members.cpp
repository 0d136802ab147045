// Who is in a group, and the end of all of them.

#include <unistd.h>

#include <algorithm>
#include <csignal>

#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "cgroup/cgroup.hpp"
#include "cgroup/dialect.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/freezer.hpp"
#include "cgroup/wait.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::cgroup {

namespace {

using Groups = std::vector<OpenGroup>;

constexpr Milliseconds kKillPatience{2000};

Result<std::vector<int>> members_of(const Groups& groups) {
  std::vector<int> pids;
  for (const auto& group : groups) {
    CMP_CHECK(collect_pids(group.directory.get(), pids));
  }
  make_set(pids);
  return pids;
}

/// True if the kernel killed all of them at once.
bool kill_in_kernel(const OpenGroup& group) {
  const std::string file(dialect_of(*group.hierarchy).kill_file);
  return !file.empty() && sys::write_kernel_file_at(group.directory.get(), file, "1").has_value();
}

/// Kills who is listed now; a pid of the list may belong to somebody else by the time it is used, hence the second
/// look: whoever is listed after his pidfd was opened was, or is, one of ours. \returns how many were killed.
Result<std::size_t> kill_listed(const Groups& groups) {
  CMP_TRY(const auto before, members_of(groups));
  std::vector<std::pair<int, UniqueFd>> opened;
  for (const int pid : before) {
    if (auto fd = sys::open_pidfd(pid)) {
      opened.emplace_back(pid, std::move(*fd));
    }
  }
  CMP_TRY(const auto after, members_of(groups));
  std::size_t count = 0;
  for (const auto& [pid, fd] : opened) {
    if (std::ranges::binary_search(after, pid)) {
      CMP_CHECK(sys::send_signal(fd.get(), SIGKILL));
      ++count;
    }
  }
  return count;
}

/// Frozen processes neither fork nor exit, so one list is the whole list; they die when they are thawed.
Status kill_frozen(const Groups& groups, const OpenGroup& freezer) {
  auto frozen = freeze_group(freezer, true);
  const auto killed = kill_listed(groups);
  CMP_CHECK(freeze_group(freezer, false));
  if (!killed) {
    return killed.error();
  }
  return frozen;
}

/// Without any help from the kernel: until nobody is listed. Who forks faster than this kills loses, since a parent
/// killed forks no more and each round reaches everybody who was there at its start.
Status kill_until_empty(const Groups& groups) {
  const Deadline deadline(kKillPatience);
  for (;;) {
    CMP_TRY(const std::size_t killed, kill_listed(groups));
    if (killed == 0) {
      return {};
    }
    if (deadline.over()) {
      return make_error(Code::kConflict, fmt::format("{} processes are still there", killed));
    }
    pause_briefly(deadline);
  }
}

Status kill_members(const Groups& groups) {
  if (std::ranges::any_of(groups, kill_in_kernel)) {
    return {};
  }
  const auto freezer = std::ranges::find_if(groups, can_freeze);
  if (freezer != groups.end() && kill_frozen(groups, *freezer)) {
    return {};
  }
  return kill_until_empty(groups);
}

}  // namespace

Result<std::vector<int>> processes(const Layout& layout, const Group& group) {
  CMP_TRY(const Groups groups, open_everywhere(layout, group));
  return members_of(groups).context(fmt::format("cgroup '{}'", group.path));
}

Status kill_all(const Layout& layout, const Group& group) {
  CMP_TRY(const Groups groups, open_everywhere(layout, group));
  return kill_members(groups).context(fmt::format("kill cgroup '{}'", group.path));
}

}  // namespace cmp::cgroup
