#include "init/kernel_views.hpp"

#include <sys/mount.h>

#include <algorithm>

#include "base/words.hpp"
#include "sys/file.hpp"
#include "sys/mount.hpp"

namespace cmp::init {

namespace {

/// Blanks, line ends and backslashes are three octal digits in mountinfo.
std::string unescaped(std::string_view field) {
  std::string path;
  for (std::size_t at = 0; at < field.size(); ++at) {
    const bool escape = field[at] == '\\' && at + 3 < field.size();
    path += escape ? static_cast<char>((field[at + 1] - '0') * 64 + (field[at + 2] - '0') * 8 + (field[at + 3] - '0'))
                   : field[at];
    at += escape ? 3 : 0;
  }
  return path;
}

}  // namespace

std::vector<std::string> kernel_views(std::string_view mountinfo, const std::string& root) {
  constexpr int kFieldsBeforePoint = 4;
  constexpr std::string_view kEndOfOptions = " - ";
  std::vector<std::string> points;
  while (!mountinfo.empty()) {
    std::string_view line = cut(mountinfo, '\n');
    const std::size_t end = line.find(kEndOfOptions);
    std::string_view rest = end == std::string_view::npos ? "" : line.substr(end + kEndOfOptions.size());
    const std::string_view type = cut(rest, ' ');
    for (int field = 0; field < kFieldsBeforePoint; ++field) {
      cut(line, ' ');
    }
    std::string point = unescaped(cut(line, ' '));
    if ((type == "proc" || type == "sysfs") && !point.starts_with(root + "/")) {
      points.push_back(std::move(point));
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
