#pragma once
// Which files of a directory have changed (inotify(7)).

#include <set>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

class DirectoryWatch {
 public:
  /// Files written to, made or moved in, from now on.
  [[nodiscard]] static Result<DirectoryWatch> open(const std::string& directory);

  struct Changes {
    std::set<std::string> names;
    bool lost = false;  ///< the kernel's queue was full: any file may have changed
  };

  /// What has changed since the last call, without waiting.
  [[nodiscard]] Changes take();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit DirectoryWatch(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace cmp::sys
