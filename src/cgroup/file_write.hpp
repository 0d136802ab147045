#pragma once
// What a compiler of limits gives out: writes to files of a group.

#include <optional>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "base/result.hpp"

namespace cmp::cgroup {

/// One write(2) to a file of a group.
struct FileWrite {
  std::string controller;  ///< which hierarchy the file is in: "memory"
  std::string file;        ///< "memory.max"
  std::string value;
  bool required = true;  ///< false: a default of ours; a kernel without the file does without it
  std::string device;    ///< a block device, "/dev/sda" or "8:0"; its number is written in front of the value
  /// What to write on a kernel that has not got the file: its other scheduler's name for the same.
  std::string other_file, other_value;
  friend bool operator==(const FileWrite&, const FileWrite&) = default;
};

/// Makes the write in a group's directory. A file that is missing is an error only if it is required.
[[nodiscard]] Status write_file(int directory, const FileWrite& write);

template <typename T>
void add(std::vector<FileWrite>& out, const char* controller, const std::string& file, const T& value) {
  out.push_back({.controller = controller, .file = file, .value = fmt::format("{}", value)});
}

template <typename T>
void add_if(std::vector<FileWrite>& out, const char* controller, const char* file, const std::optional<T>& value) {
  if (value) {
    add(out, controller, file, *value);
  }
}

}  // namespace cmp::cgroup
