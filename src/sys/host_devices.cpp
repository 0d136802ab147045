#include "sys/host_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr std::array<std::string_view, 16> kOwnOfEachContainer = {
    "console", "core", "fd",     "full",  "mqueue", "null", "ptmx",    "pts",
    "random",  "shm",  "stderr", "stdin", "stdout", "tty",  "urandom", "zero"};

HostDevice device_of(const std::string& path, const struct stat& info) {
  return {.path = path,
          .major = major(info.st_rdev),
          .minor = minor(info.st_rdev),
          .mode = info.st_mode & 07777U,
          .uid = info.st_uid,
          .gid = info.st_gid,
          .type = S_ISCHR(info.st_mode) ? 'c' : 'b'};
}

bool is_device(const struct stat& info) {
  return S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode);
}

void collect(const std::string& directory, std::vector<HostDevice>& out, int depth) {
  constexpr int kDeepest = 4;
  const auto names = list_directory(directory);
  if (!names || depth > kDeepest) {
    return;
  }
  for (const std::string& name : *names) {
    const bool own = depth == 0 && std::ranges::find(kOwnOfEachContainer, name) != kOwnOfEachContainer.end();
    const std::string path = fmt::format("{}/{}", directory, name);

    struct stat info {};

    if (own || ::lstat(path.c_str(), &info) != 0) {
      continue;
    }
    if (S_ISDIR(info.st_mode)) {
      collect(path, out, depth + 1);
    } else if (is_device(info)) {
      out.push_back(device_of(path, info));
    }
  }
}

}  // namespace

std::vector<HostDevice> host_devices() {
  std::vector<HostDevice> out;
  collect("/dev", out, 0);
  return out;
}

Result<std::vector<HostDevice>> find_host_devices(const std::string& path) {
  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return make_error(errno == ENOENT || errno == ENOTDIR ? Code::kNotFound : Code::kSystem,
                      sys_error("cannot be used").message);
  }
  std::vector<HostDevice> out;
  if (is_device(info)) {
    out.push_back(device_of(path, info));
  } else if (S_ISDIR(info.st_mode)) {
    collect(path, out, 1);
  }
  for (HostDevice& device : out) {
    device.below = path.size();
  }
  return out.empty() ? Result<std::vector<HostDevice>>(make_error(
                           Code::kInvalid, S_ISDIR(info.st_mode) ? "there is no device in it" : "is no device"))
                     : std::move(out);
}

}  // namespace cmp::sys
