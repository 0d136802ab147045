#include "sys/host_devices.hpp"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/core.h>

#include "sys/file.hpp"

namespace cmp::sys {

namespace {

constexpr std::array<std::string_view, 16> kOwnOfEachContainer = {
    "console", "core", "fd",     "full",  "mqueue", "null", "ptmx",    "pts",
    "random",  "shm",  "stderr", "stdin", "stdout", "tty",  "urandom", "zero"};

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
    } else if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)) {
      out.push_back(
          {path, major(info.st_rdev), minor(info.st_rdev), info.st_mode & 07777U, S_ISCHR(info.st_mode) ? 'c' : 'b'});
    }
  }
}

}  // namespace

std::vector<HostDevice> host_devices() {
  std::vector<HostDevice> out;
  collect("/dev", out, 0);
  return out;
}

}  // namespace cmp::sys
