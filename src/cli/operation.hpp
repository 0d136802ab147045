#pragma once
// One request to the supervisor, from the sending to kDone, inside an event loop.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/progress_printer.hpp"
#include "state/paths.hpp"
#include "supervisor/client.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::cli {

struct Outcome {
  bool changed = false;
  bool interrupted = false;  ///< by a signal
  int signal = 0;            ///< that one
  bool timed_out = false;
  std::vector<Error> errors;  ///< empty: it succeeded
};

/// A request under way. A supervisor that dies meanwhile is brought back and asked again: requests say what is to be,
/// so asking twice does no harm.
class Operation {
 public:
  /// Sends the request; `attached` are descriptors that go along and stay the caller's. `done` is called once, from the
  /// loop; the printer's block stays open then, another operation may be using it.
  [[nodiscard]] static Result<std::unique_ptr<Operation>> start(supervisor::EventLoop& loop, const state::Paths& paths,
                                                                supervisor::Request request, ProgressPrinter& printer,
                                                                std::function<void()> done,
                                                                std::vector<int> attached = {});
  ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// Asks for the operation to be given up; it still ends with `done`.
  void cancel();

  [[nodiscard]] Outcome& outcome() { return outcome_; }

 private:
  Operation(supervisor::EventLoop& loop, const state::Paths& paths, supervisor::Request request,
            ProgressPrinter& printer, std::function<void()> done, std::vector<int> attached);

  [[nodiscard]] Status connect();
  void receive();
  void handle(const supervisor::Event& event);
  void reconnect();
  void finish();
  void fail(Error error);
  void schedule_tick();

  supervisor::EventLoop& loop_;
  state::Paths paths_;
  supervisor::Request request_;
  ProgressPrinter& printer_;
  std::function<void()> done_;
  std::vector<int> attached_;
  std::optional<supervisor::Client> client_;
  supervisor::EventLoop::TimerId tick_ = 0;
  int attempts_ = 0;
  bool cancelled_ = false, finished_ = false;
  Outcome outcome_;
};

/// Sends the request and waits for its end. The first SIGINT or SIGTERM cancels it, the second one stops waiting; after
/// `deadline` it is cancelled, too.
[[nodiscard]] Result<Outcome> perform(const state::Paths& paths, supervisor::Request request, ProgressPrinter& printer,
                                      std::optional<Nanoseconds> deadline = std::nullopt,
                                      std::vector<int> attached = {});

}  // namespace cmp::cli
