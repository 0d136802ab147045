#pragma once
// The supervisor's end of the link to its guardian (guardian.hpp has the messages).

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::supervisor {

class GuardianLink {
 public:
  explicit GuardianLink(UniqueFd fd) : fd_(std::move(fd)) {}

  /// What the guardian knows when a supervisor starts: exits that nobody has written down yet. Blocks until "ready".
  [[nodiscard]] Result<std::map<pid_t, int>> take_over();
  /// One message, without blocking. \returns false when the guardian is gone.
  [[nodiscard]] bool read(const std::function<void(pid_t pid, int status)>& on_exit);
  /// The exit of a process is written down.
  void seen(pid_t pid);
  /// The project is down.
  void quit();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace cmp::supervisor
