#include <fcntl.h>
#include <unistd.h>

#include <array>

#include <fmt/core.h>

#include "cgroup/cgroup.hpp"
#include "engine/volume_copies.hpp"
#include "engine/volumes.hpp"
#include "sys/process.hpp"
#include "sys/title.hpp"

namespace cmp::engine {

namespace {

struct Pipe {
  UniqueFd reader, writer;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return sys_error("make a pipe");
  }
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// Waits for the end of `hold`, thaws, says so. In a process of its own, which a kill of the caller does not reach.
[[noreturn]] void thaw_later(const cgroup::Layout& layout, const std::vector<cgroup::Group>& groups, int hold,
                             int done) {
  ::setsid();
  sys::set_title("cmp:[thaw]", "cmp:thaw");  // who kills the command by its name does not mean this one
  char byte = 0;
  while (::read(hold, &byte, 1) < 0 && errno == EINTR) {
  }
  bool all = true;
  for (const cgroup::Group& group : groups) {
    const Status thawed = cgroup::freeze(layout, group, false);
    all = all && (thawed || thawed.error().code == Code::kNotFound);
  }
  byte = all ? 'y' : 'n';
  const bool told = ::write(done, &byte, 1) == 1;
  ::_exit(told ? 0 : 1);
}

}  // namespace

Result<FrozenContainers> FrozenContainers::freeze(const state::Roots& roots, const std::string& volume) {
  FrozenContainers frozen;
  std::vector<cgroup::Group> groups;
  for (const state::ContainerRecord& record : containers_with(roots, volume)) {
    if (record.state == state::ContainerState::kRunning) {
      frozen.names_.push_back(record.name);
      groups.push_back({record.cgroup});
    }
  }
  if (groups.empty()) {
    return frozen;
  }
  CMP_TRY(const cgroup::Layout layout, cgroup::detect());
  CMP_TRY(Pipe hold, make_pipe());
  CMP_TRY(Pipe done, make_pipe());
  CMP_TRY(const sys::Child watcher, sys::clone_process({}));
  if (watcher.pid == 0) {
    hold.writer.reset();
    done.reader.reset();
    thaw_later(layout, groups, hold.reader.get(), done.writer.get());
  }
  frozen.hold_ = std::move(hold.writer);
  frozen.thawed_ = std::move(done.reader);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (Status still = cgroup::freeze(layout, groups[i], true); !still) {
      static_cast<void>(frozen.thaw());
      return std::move(still).error().context(fmt::format("freeze {}", frozen.names_[i]));
    }
  }
  return frozen;
}

Status FrozenContainers::thaw() {
  if (!hold_) {
    return {};
  }
  hold_.reset();
  char answer = 0;
  while (::read(thawed_.get(), &answer, 1) < 0 && errno == EINTR) {
  }
  return answer == 'y' ? Status() : make_error(Code::kSystem, "a container could not be thawed: cmp unpause does it");
}

}  // namespace cmp::engine
