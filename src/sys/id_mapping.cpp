#include "sys/id_mapping.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>

#include <fmt/core.h>

#include "base/scope_exit.hpp"
#include "sys/file.hpp"
#include "sys/process.hpp"

namespace cmp::sys {

namespace {

/// As many ids as there are: the last one, 4294967295, is none.
constexpr std::uint64_t kIds = 0xffffffffULL;

void add_extent(std::string& map, std::uint64_t inside, std::uint64_t outside, std::uint64_t count) {
  if (count > 0) {
    map += fmt::format("{} {} {}\n", inside, outside, count);
  }
}

/// The pid that the mounted /proc knows the process by: it may be that of a pid namespace around ours.
Result<std::string> proc_name(int pidfd) {
  constexpr std::string_view kField = "Pid:\t";
  CMP_TRY(const std::string info, read_file(fmt::format("/proc/self/fdinfo/{}", pidfd)));
  const auto at = info.find(kField);
  const std::string pid =
      at == std::string::npos ? "" : info.substr(at + kField.size(), info.find('\n', at) - at - kField.size());
  if (pid.empty() || pid == "0" || pid == "-1") {
    return make_error(Code::kSystem, "/proc does not know the process that holds a user namespace");
  }
  return "/proc/" + pid;
}

}  // namespace

std::string swapping_map(Swap ids) {
  const std::uint64_t low = std::min(ids.a, ids.b), high = std::max(ids.a, ids.b);
  std::string map;
  add_extent(map, 0, 0, low);
  add_extent(map, low, high, 1);
  if (low != high) {
    add_extent(map, low + 1, low + 1, high - low - 1);
    add_extent(map, high, low, 1);
  }
  add_extent(map, high + 1, high + 1, kIds - high - 1);
  return map;
}

Result<UniqueFd> swapping_user_namespace(Swap uids, Swap gids) {
  auto holder = clone_process({.flags = CLONE_NEWUSER});
  if (!holder) {
    return std::move(holder).error().context("user namespace for x-owner");
  }
  if (holder->pid == 0) {
    for (;;) {
      ::pause();
    }
  }
  const ScopeExit end([&] {
    static_cast<void>(send_signal(holder->pidfd.get(), SIGKILL));
    ::waitpid(holder->pid, nullptr, __WALL);
  });
  CMP_TRY(const std::string process, proc_name(holder->pidfd.get()));
  CMP_CHECK(write_kernel_file(process + "/uid_map", swapping_map(uids)).context("x-owner"));
  CMP_CHECK(write_kernel_file(process + "/gid_map", swapping_map(gids)).context("x-owner"));
  return open_file(process + "/ns/user", O_RDONLY);
}

Status map_owners(int mount, int user_namespace, const std::string& what) {
  struct mount_attr attributes {};

  attributes.attr_set = MOUNT_ATTR_IDMAP;
  attributes.userns_fd = static_cast<__u64>(user_namespace);
  if (::syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0) {
    return {};
  }
  const int err = errno;
  Error error = sys_error(fmt::format("x-owner on {}", what), err);
  if (err == EINVAL || err == ENOSYS || err == EOPNOTSUPP) {
    error.code = Code::kUnsupported;
    error.message +=
        " (its file system cannot show owners as others: ext4, xfs, btrfs, and tmpfs from Linux 6.3 on can)";
  } else if (err == EPERM) {
    error.message += " (it is mounted with mapped owners already, or in a user namespace)";
  }
  return error;
}

}  // namespace cmp::sys
