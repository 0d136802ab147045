#pragma once
// Which files below some directories have changed (inotify(7)); directories made later are watched, too.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

class TreeWatch {
 public:
  /// True for a directory that is left out, with everything in it.
  using LeaveOut = std::function<bool(const std::string& path)>;

  [[nodiscard]] static Result<TreeWatch> open(LeaveOut leave_out);

  /// A directory and all below it, or one file. Errors: kNotFound; the limit of watches is reached.
  [[nodiscard]] Status add(const std::string& path);

  /// Paths that have been written, made, moved or removed since the last call; of a new directory everything in it.
  /// Without waiting.
  [[nodiscard]] std::set<std::string> take();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  TreeWatch(UniqueFd fd, LeaveOut leave_out) : fd_(std::move(fd)), leave_out_(std::move(leave_out)) {}

  [[nodiscard]] Status add_directory(const std::string& path, std::set<std::string>* found);
  void note(int watch, std::uint32_t mask, const std::string& name, std::set<std::string>& changed);

  UniqueFd fd_;
  LeaveOut leave_out_;
  std::map<int, std::string> directories_;
  std::set<std::string> files_;  ///< watched for themselves
};

}  // namespace cmp::sys
