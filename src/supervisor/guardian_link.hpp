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

  /// The exits that the guardian has seen and nobody has written down yet. Asks and waits for the answer, so that a
  /// process that was found gone before the call is among them if it was the guardian's.
  [[nodiscard]] Result<std::map<pid_t, int>> unseen_exits();
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
