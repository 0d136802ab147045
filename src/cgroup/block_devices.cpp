#include "cgroup/block_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::cgroup {

Result<std::string> device_number(const std::string& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return sys_error(fmt::format("block device '{}'", path));
  }
  if (!S_ISBLK(info.st_mode)) {
    return make_error(Code::kInvalid, fmt::format("'{}' is no block device", path));
  }
  return fmt::format("{}:{}", ::major(info.st_rdev), ::minor(info.st_rdev));
}

bool has_io_weights(const std::string& cgroup_v2_root) {
  if (!cgroup_v2_root.empty() && sys::exists(cgroup_v2_root + "/io.cost.qos")) {
    return true;
  }
  const auto disks = sys::list_directory("/sys/block").value_or(std::vector<std::string>());
  return std::ranges::any_of(disks, [](const std::string& disk) {
    const auto schedulers = sys::read_file(fmt::format("/sys/block/{}/queue/scheduler", disk));
    return schedulers && schedulers->find("bfq") != std::string::npos;
  });
}

}  // namespace cmp::cgroup
