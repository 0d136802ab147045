#pragma once
// The supervisor's end of the link to its guardian (guardian.hpp has the messages).

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::supervisor {

/// What the guardian has from an earlier supervisor.
struct Kept {
  std::map<pid_t, int> exits;  ///< pid → wait status: exits that nobody has written down yet
  /// What hold() was told: controllers of services' terminals by container, published sockets (PublishedPorts).
  std::map<std::string, UniqueFd> held;
};

class GuardianLink {
 public:
  explicit GuardianLink(UniqueFd fd) : fd_(std::move(fd)) {}

  /// Asks and waits for the answer, so that a process that was found gone before the call is among the exits if it was
  /// the guardian's.
  [[nodiscard]] Result<Kept> ask();
  /// One message, without blocking. \returns false when the guardian is gone.
  [[nodiscard]] bool read(const std::function<void(pid_t pid, int status)>& on_exit);
  /// The exit of a process is written down.
  void seen(pid_t pid);
  /// The guardian keeps this descriptor until it is dropped, whatever becomes of this process.
  void hold(const std::string& name, int fd);
  void drop(const std::string& name);
  /// When this process has ended, guardian and supervisor are this program.
  void replace(int program);
  /// The project is down.
  void quit();

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  UniqueFd fd_;
};

}  // namespace cmp::supervisor
