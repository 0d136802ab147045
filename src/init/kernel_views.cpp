#include "init/kernel_views.hpp"

#include <sys/mount.h>

#include <algorithm>
#include <utility>

#include "sys/file.hpp"
#include "sys/mount.hpp"
#include "sys/mount_table.hpp"

namespace cmp::init {

std::vector<std::string> kernel_views(std::string_view mountinfo, const std::string& root) {
  std::vector<std::string> points;
  for (sys::MountEntry& entry : sys::parse_mount_table(mountinfo)) {
    if ((entry.type == "proc" || entry.type == "sysfs") && !entry.point.starts_with(root + "/")) {
      points.push_back(std::move(entry.point));
    }
  }
  std::ranges::reverse(points);
  return points;
}

Status leave_kernel_views(const std::string& root) {
  CMP_TRY(const std::string mountinfo, sys::read_file("/proc/self/mountinfo"));
  for (const std::string& point : kernel_views(mountinfo, root)) {
    if (sys::umount(point, MNT_DETACH)) {
      continue;
    }
    // One that came with the namespace from another user's cannot be taken away (mount_namespaces(7)).
    CMP_CHECK(sys::mount("hidden", point, "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=0,mode=0")
                  .context("hide " + point));
  }
  return {};
}

}  // namespace cmp::init
