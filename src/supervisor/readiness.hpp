#pragma once
// The checks of x-ready for one run of a container, from the supervisor's own loop: nothing is started in the
// container. Sockets are opened in its network namespace; lines and files are noticed by events.

#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include "model/project.hpp"
#include "state/log_store.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"
#include "sys/directory_watch.hpp"

namespace cmp::supervisor {

class Readiness {
 public:
  /// \param failed  which check does not hold, and why; "" if all do
  using Answer = std::function<void(const std::string& failed)>;

  /// \param log_from  lines of before are not this run's
  /// \param hint      something has happened that may change the answer
  Readiness(EventLoop& loop, const state::Paths& paths, const state::ContainerRecord& record, WallTime log_from,
            std::function<void()> hint);
  Readiness(const Readiness&) = delete;
  Readiness& operator=(const Readiness&) = delete;
  Readiness(Readiness&&) = delete;
  Readiness& operator=(Readiness&&) = delete;
  ~Readiness();

  /// One round: the checks in their order until one fails. Answers once, later or from within this call.
  void ask(Nanoseconds timeout, Answer answer);
  /// No answer any more.
  void cancel();
  /// The service has written something.
  void output_came();

 private:
  struct LogCheck {
    std::regex expression;
    bool seen = false;
  };

  void next();
  void finish(const std::string& failed);
  void fail(const std::string& why);
  void pass();
  void check_log();
  void check_file();
  void watch_for_file(int root, const std::string& path);
  void connect();
  [[nodiscard]] Status begin_connect();
  void on_connected();
  void on_answer();
  void read_log();
  void drop_socket();

  EventLoop& loop_;
  state::Paths paths_;
  std::vector<model::ReadyCheck> checks_;
  sys::ProcessId process_;
  std::string container_;
  WallTime log_from_;
  std::function<void()> hint_;
  std::optional<state::LogReader> log_;
  std::vector<std::optional<LogCheck>> lines_;  ///< by check
  std::optional<sys::DirectoryWatch> directory_;
  std::size_t at_ = 0;  ///< the check under way
  Answer answer_;
  UniqueFd socket_;
  std::string received_;
  EventLoop::TimerId timer_ = 0;
};

/// "tcp://127.0.0.1:5432", as it is said in messages.
[[nodiscard]] std::string ready_text(const model::ReadyCheck& check);

}  // namespace cmp::supervisor
