#include "init/denied.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include <fmt/core.h>

#include "init/program.hpp"

namespace cmp::init {

namespace {

constexpr int kDeepest = 4;  // a script's interpreter may be a script; execve(2) follows as many

bool may(const std::string& path, int what) {
  return ::faccessat(AT_FDCWD, path.c_str(), what, AT_EACCESS) == 0;
}

/// The first directory on the way that this user may not enter; "" if there is none.
std::string closed_directory(const std::string& path) {
  for (auto slash = path.find('/', 1); slash != std::string::npos; slash = path.find('/', slash + 1)) {
    if (std::string directory = path.substr(0, slash); !may(directory, X_OK)) {
      return directory;
    }
  }
  return "";
}

bool is_noexec(const std::string& path) {
  struct statvfs info {};

  return ::statvfs(path.c_str(), &info) == 0 && (info.f_flag & ST_NOEXEC) != 0;
}

std::string reason(const std::string& path, const std::string& name, int depth) {
  if (const std::string directory = closed_directory(path); !directory.empty()) {
    return fmt::format("user {} may not enter the directory '{}'", ::geteuid(), directory);
  }

  struct stat info {};

  if (::stat(path.c_str(), &info) != 0) {
    return "permission denied";
  }
  if (!S_ISREG(info.st_mode) || (info.st_mode & 0111U) == 0) {
    return name + "is not an executable file: chmod +x";
  }
  if (is_noexec(path)) {
    return name + "lies on a file system that is mounted noexec";
  }
  if (!may(path, X_OK)) {
    return fmt::format("{}permission denied: user {} may not execute it (mode {:04o}, owner {}:{})", name, ::geteuid(),
                       info.st_mode & 07777U, info.st_uid, info.st_gid);
  }
  const std::string interpreter = interpreter_of(path);
  if (depth < kDeepest && interpreter.starts_with('/')) {
    return reason(interpreter, fmt::format("its interpreter '{}' ", interpreter), depth + 1);
  }
  return "permission denied";
}

}  // namespace

std::string why_denied(const std::string& path) {
  return reason(path, "", 0);
}

}  // namespace cmp::init
