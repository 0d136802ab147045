#pragma once
// The cli's end of the control socket.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "state/paths.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::supervisor {

class Client {
 public:
  /// Connects; if no supervisor lives, starts guardian and supervisor of the project (they recover what still runs) and
  /// connects to them. Where the answer takes longer than a moment, `on_wait` is told what is waited for.
  using OnWait = std::function<void(const std::string&)>;
  [[nodiscard]] static Result<Client> connect_or_start(const state::Paths& paths, const OnWait& on_wait = {});
  /// The same for what changes the project: a supervisor of an older build becomes this one first. One that is busy
  /// goes on as it is.
  [[nodiscard]] static Result<Client> connect_to_this_build(const state::Paths& paths, const OnWait& on_wait = {});
  /// Connects only; nothing if no supervisor runs.
  [[nodiscard]] static Result<std::optional<Client>> connect(const state::Paths& paths, const OnWait& on_wait = {});
  /// True if the project has left anything: a run directory with records.
  [[nodiscard]] static bool project_exists(const state::Paths& paths);

  /// Descriptors may go along.
  [[nodiscard]] Status send(const Request& request, std::span<const int> attached = {});
  /// Asks for the operation that was sent to be given up (first Ctrl-C of a detached up).
  [[nodiscard]] Status cancel();

  /// The descriptors that came with the events so far.
  [[nodiscard]] std::vector<UniqueFd> take_attached() { return frames_.take_attached(); }

  /// Blocks for the next event; nothing at the end of the connection.
  [[nodiscard]] Result<std::optional<Event>> next();
  /// An event that is there already, without blocking; poll fd() for more.
  [[nodiscard]] Result<std::optional<Event>> try_next();

  [[nodiscard]] bool closed() const { return closed_; }

  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  explicit Client(UniqueFd fd) : fd_(std::move(fd)) {}

  /// An event that is in the buffer already.
  [[nodiscard]] Result<std::optional<Event>> take();

  /// "Down" is said when nothing is left, its last words among it: until the guardian has ended too.
  void wait_for_end() const;

  UniqueFd fd_;
  UniqueFd guardian_;
  std::string build_;  ///< of the supervisor
  FrameReader frames_;
  bool closed_ = false;
};

}  // namespace cmp::supervisor
