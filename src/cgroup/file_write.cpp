#include "cgroup/file_write.hpp"

#include <cerrno>

#include "cgroup/block_devices.hpp"
#include "sys/file.hpp"

namespace cmp::cgroup {

Status write_file(int directory, const FileWrite& write) {
  std::string device = write.device;
  if (device.starts_with('/')) {
    CMP_TRY(device, device_number(write.device));
  }
  device += device.empty() ? "" : " ";
  auto status = sys::write_kernel_file_at(directory, write.file, device + write.value);
  const bool missing = !status && status.error().os_errno == ENOENT;
  if (missing && !write.other_file.empty()) {
    return sys::write_kernel_file_at(directory, write.other_file, device + write.other_value);
  }
  return missing && !write.required ? Status() : status;
}

}  // namespace cmp::cgroup
