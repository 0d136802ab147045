#pragma once
// Hooks that run inside containers, post_start and pre_stop: one after the other, what they write goes to a log.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/context.hpp"
#include "engine/exec.hpp"
#include "state/log_store.hpp"
#include "state/record.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::supervisor {

class HookRuns {
 public:
  /// Docker's words: "web hook exited with status 3: last lines".
  using Done = std::function<void(Status)>;

  HookRuns(EventLoop& loop, engine::Context& context) : loop_(loop), context_(context) {}

  HookRuns(const HookRuns&) = delete;
  HookRuns& operator=(const HookRuns&) = delete;
  HookRuns(HookRuns&&) = delete;
  HookRuns& operator=(HookRuns&&) = delete;
  ~HookRuns();

  /// Runs them all in the container of this record, until the first that fails.
  void run(const state::ContainerRecord& record, std::vector<model::Hook> hooks, Done done);
  /// Those that run are killed, and fail.
  void kill_all();

 private:
  struct Stream {
    UniqueFd pipe;
    std::optional<state::LogWriter> log;
  };

  struct Run {
    state::ContainerRecord record;
    std::vector<model::Hook> hooks;
    std::size_t next = 0;  ///< the one after the one that runs
    std::optional<engine::Running> running;
    Stream out, err;
    WallTime started;
    Done done;
  };

  void begin_next(int id);
  [[nodiscard]] Status begin(int id, Run& run);
  [[nodiscard]] Status open_streams(Run& run);
  void drain(Stream& stream) const;
  void on_exit(int id);
  void close(Run& run);
  void finish(int id, Status status);
  [[nodiscard]] Status judge(const Run& run, int code, const std::string& why) const;

  EventLoop& loop_;
  engine::Context& context_;
  std::map<int, std::unique_ptr<Run>> runs_;
  int next_id_ = 1;
};

}  // namespace cmp::supervisor
