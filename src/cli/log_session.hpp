#pragma once
// Shows the lines of a project's containers as they come, until the containers have ended: what `logs -f` and an
// attached `up` have in common. Lines come from the files, starts and ends from the supervisor.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/log_follower.hpp"
#include "cli/progress_printer.hpp"
#include "state/record.hpp"
#include "supervisor/client.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::cli {

/// A connection that tells of every start and end from now on.
[[nodiscard]] Result<supervisor::Client> watch_project(const state::Paths& paths);

/// Prints lines to the stream they came from, in order.
[[nodiscard]] Status print_lines(const std::vector<SourcedLine>& lines, const LogPrefixes& prefixes);

struct LogSessionOptions {
  std::vector<std::string> services;                         ///< whose containers count; empty is all
  std::function<bool(const state::ContainerRecord&)> shown;  ///< which of them are shown
  LogFilter filter;                                          ///< of what is there already
  bool announce = false;                                     ///< "web-1 exited with code 0"
};

struct LogSessionHooks {
  std::function<void(const supervisor::Event&)> on_exit;  ///< a container has ended, perhaps to be started again
  std::function<void()> on_idle;                          ///< none of them runs any more, or output failed
};

class LogSession {
 public:
  LogSession(supervisor::EventLoop& loop, state::Paths paths, supervisor::Client watch, LogPrefixes prefixes,
             ProgressPrinter& printer);
  ~LogSession();
  LogSession(const LogSession&) = delete;
  LogSession& operator=(const LogSession&) = delete;

  /// Shows what is there and begins to follow. `containers` are the project's.
  [[nodiscard]] Status start(const std::vector<state::ContainerRecord>& containers, LogSessionOptions options,
                             LogSessionHooks hooks);
  /// Shows everything that has come and not been shown yet, unfinished lines too.
  void show_rest();

  [[nodiscard]] bool idle() const { return running_.empty(); }

  /// Why the session ended early, if it did.
  [[nodiscard]] const Status& status() const { return status_; }

 private:
  [[nodiscard]] bool counts(const std::string& service) const;
  void add(const state::ContainerRecord& record);
  void adopt_running(const std::vector<state::ContainerRecord>& containers);
  void show(Result<std::vector<SourcedLine>> lines);
  void receive();
  void handle(const supervisor::Event& event);
  void on_end(const supervisor::Event& event);
  [[nodiscard]] Status resume();
  void fail(Error error);
  void check_idle();

  supervisor::EventLoop& loop_;
  state::Paths paths_;
  supervisor::Client watch_;
  LogPrefixes prefixes_;
  ProgressPrinter& printer_;
  std::optional<LogFollower> follower_;
  LogSessionOptions options_;
  LogSessionHooks hooks_;
  std::set<std::string> running_;  ///< containers that run or will be started again
  std::set<std::string> shown_;
  std::map<std::string, std::string> last_state_;  ///< by container, as the supervisor has told it
  Status status_;
};

}  // namespace cmp::cli
