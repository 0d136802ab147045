#include "rootfs/quota.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/quota.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::rootfs {

namespace {

/// Linux 5.14. By a directory, so that no name of a block device has to be found.
long quotactl(int directory, int command, std::uint32_t project, if_dqblk& block) {
  return ::syscall(SYS_quotactl_fd, directory, QCMD(command, PRJQUOTA), project, &block);
}

Result<UniqueFd> open_nearest(std::string path) {
  while (path.size() > 1 && !sys::exists(path)) {
    path.erase(std::max<std::size_t>(path.rfind('/'), 1));
  }
  return sys::open_file(path, O_RDONLY | O_DIRECTORY);
}

/// The bytes that are written, in units of a KiB; how many files is left alone.
long set_limit(int directory, std::uint32_t project, std::uint64_t bytes) {
  if_dqblk block{};
  block.dqb_bhardlimit = (bytes + QIF_DQBLKSIZE - 1) / QIF_DQBLKSIZE;
  block.dqb_bsoftlimit = block.dqb_bhardlimit;
  block.dqb_valid = QIF_BLIMITS;
  return quotactl(directory, Q_SETQUOTA, project, block);
}

Status join(const std::string& path, std::uint32_t project) {
  CMP_TRY(const UniqueFd directory, sys::open_file(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  fsxattr attributes{};
  if (::ioctl(directory.get(), FS_IOC_FSGETXATTR, &attributes) != 0) {
    return sys_error(fmt::format("project of '{}'", path));
  }
  attributes.fsx_projid = project;
  attributes.fsx_xflags |= FS_XFLAG_PROJINHERIT;
  if (::ioctl(directory.get(), FS_IOC_FSSETXATTR, &attributes) != 0) {
    return sys_error(fmt::format("put '{}' into a project", path));
  }
  return {};
}

}  // namespace

std::uint32_t quota_project(std::string_view id) {
  std::uint32_t number = 0;
  for (const char digit : id.substr(0, 7)) {
    number = number * 16 + static_cast<std::uint32_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  // Small numbers are those of administrators, the highest bit is kept from who takes ids as signed ones.
  return number | 0x4000'0000U;
}

Status check_quotas(const std::string& directory) {
  CMP_TRY(const UniqueFd fd, open_nearest(directory));
  if_dqblk block{};
  // Quotas of the project 0 are there as soon as there are any.
  if (quotactl(fd.get(), Q_GETQUOTA, 0, block) == 0 || errno == ENOENT) {
    return {};
  }
  const Error reason = sys_error("quotactl");
  return make_error(Code::kUnsupported,
                    fmt::format("the file system of '{}' has no project quotas (xfs or ext4 mounted with prjquota): {}",
                                directory, reason.message));
}

Status limit_size(const ContainerDirectories& directories, std::uint32_t project, Bytes size) {
  CMP_TRY(const UniqueFd upper, sys::open_file(directories.upper, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (set_limit(upper.get(), project, static_cast<std::uint64_t>(size.count)) != 0) {
    return sys_error(fmt::format("limit the size of '{}'", directories.upper));
  }
  CMP_CHECK(join(directories.upper, project));
  return join(directories.work, project);
}

void forget_limit(const std::string& directory, std::uint32_t project) {
  if (const auto fd = open_nearest(directory)) {
    static_cast<void>(set_limit(fd->get(), project, 0));
  }
}

}  // namespace cmp::rootfs
