#include <fcntl.h>
#include <poll.h>

#include <algorithm>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "cgroup/dialect.hpp"
#include "cgroup/directory.hpp"
#include "cgroup/freezer.hpp"
#include "cgroup/wait.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

namespace {

constexpr Milliseconds kFreezePatience{2000};

bool has_line(std::string_view text, std::string_view line) {
  for (auto at = text.find(line); at != std::string_view::npos; at = text.find(line, at + 1)) {
    const auto end = at + line.size();
    if ((at == 0 || text[at - 1] == '\n') && (end == text.size() || text[end] == '\n')) {
      return true;
    }
  }
  return false;
}

/// v2 reports a change of cgroup.events as POLLPRI; v1 reports nothing, hence the short turns.
void wait_for_change(const UniqueFd& state, const Dialect& dialect, const Deadline& deadline) {
  if (dialect.state_file == dialect.freeze_file) {
    pause_briefly(deadline);
    return;
  }
  pollfd item{.fd = state.get(), .events = POLLPRI, .revents = 0};
  ::poll(&item, 1, deadline.left_ms(100));
}

Status reach_state(int directory, const Dialect& dialect, bool frozen) {
  const std::string_view text = frozen ? dialect.freeze_text : dialect.thaw_text;
  const std::string_view line = frozen ? dialect.frozen_line : dialect.thawed_line;
  const Deadline deadline(kFreezePatience);
  do {
    // Opened before the write, so that no change is missed; written again, for v1 may miss a process that forks.
    CMP_TRY(const UniqueFd state, sys::open_at(directory, std::string(dialect.state_file), O_RDONLY));
    CMP_CHECK(sys::write_kernel_file_at(directory, std::string(dialect.freeze_file), text));
    CMP_TRY(const std::string now, sys::read_all(state.get()));
    if (has_line(now, line)) {
      return {};
    }
    wait_for_change(state, dialect, deadline);
  } while (!deadline.over());
  return make_error(Code::kConflict, fmt::format("not {} after {} ms: a process waits in the kernel",
                                                 frozen ? "frozen" : "thawed", kFreezePatience.count()));
}

}  // namespace

bool can_freeze(const OpenGroup& group) {
  // A file of v1's freezer, or of any v2 group since Linux 5.2.
  return ::faccessat(group.directory.get(), std::string(dialect_of(*group.hierarchy).freeze_file).c_str(), W_OK, 0) ==
         0;
}

Status freeze_group(const OpenGroup& group, bool frozen) {
  return reach_state(group.directory.get(), dialect_of(*group.hierarchy), frozen);
}

Status freeze(const Layout& layout, const Group& group, bool frozen) {
  const std::string noun = fmt::format("{} cgroup '{}'", frozen ? "freeze" : "thaw", group.path);
  CMP_TRY(const auto groups, open_everywhere(layout, group));
  if (groups.empty()) {
    return make_error(Code::kNotFound, "no such group").context(noun);
  }
  const auto it = std::ranges::find_if(groups, can_freeze);
  if (it == groups.end()) {
    return make_error(Code::kUnsupported, "neither a v2 tree nor a v1 freezer holds it").context(noun);
  }
  return freeze_group(*it, frozen).context(noun);
}

}  // namespace cmp::cgroup
