#pragma once
// All containers of the project: feeds their machines with what happens and does what the machines say.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/context.hpp"
#include "engine/launch.hpp"
#include "model/project.hpp"
#include "supervisor/container.hpp"
#include "supervisor/event_loop.hpp"
#include "supervisor/guardian_link.hpp"

namespace cmp::supervisor {

/// Who wants to know. Called from within Containers; may call back into it.
class ContainerListener {
 public:
  ContainerListener() = default;
  ContainerListener(const ContainerListener&) = delete;
  ContainerListener& operator=(const ContainerListener&) = delete;
  ContainerListener(ContainerListener&&) = delete;
  ContainerListener& operator=(ContainerListener&&) = delete;
  virtual ~ContainerListener() = default;

  virtual void on_prepared(Container& container) = 0;
  virtual void on_started(Container& container) = 0;
  /// It could not be prepared or started; `container.failure` says why.
  virtual void on_failed(Container& container) = 0;
  /// It has ended and is not started again.
  virtual void on_stopped(Container& container) = 0;
  /// It has had its stop signal and does not end; `why` says what will happen.
  virtual void on_slow_stop(Container& container, const std::string& why) = 0;
  /// State, health or exit changed; the record is written.
  virtual void on_changed(Container& container) = 0;
  /// Its network namespace is there (`pid` is in it) or gone.
  virtual void on_network(Container& container, bool there) = 0;
  /// The controller of its terminal is there (kept beyond this supervisor's life), or -1: no longer needed.
  virtual void on_terminal(Container& container, int controller) = 0;
  /// Something has happened to it, in the engine's words: "start", "die" (compose-cli.md 7).
  virtual void on_event(Container& container, const std::string& action) = 0;
  /// Something the user should know.
  virtual void on_notice(Container& container, const std::string& message) = 0;
};

class Containers {
 public:
  Containers(EventLoop& loop, engine::Context& context, ContainerListener& listener)
      : loop_(loop), context_(context), listener_(listener) {}

  /// The project that mounts and volumes are looked up in.
  void use_project(const model::Project& project) { project_ = &project; }

  Container& add(state::ContainerRecord record);
  void erase(const std::string& name);
  [[nodiscard]] Container* find(const std::string& name);

  [[nodiscard]] std::map<std::string, std::unique_ptr<Container>>& all() { return containers_; }

  /// The records of all, for whoever only looks.
  [[nodiscard]] std::vector<const state::ContainerRecord*> records() const;

  /// Something has happened to it.
  void dispatch(Container& container, const MachineEvent& event);
  /// The guardian has reaped a process. \returns false if it is none of ours.
  bool on_reaped(pid_t pid, int wait_status);
  /// Taking over what an earlier supervisor has left, first half: gets hold of the processes that are still there.
  void open_processes();
  /// Second half, for one container: with the exits that the guardian knows of those that are not, and the terminals it
  /// has kept.
  void adopt(Container& container, Kept& kept);
  /// Starts again what runs in a namespace whose owner has been started anew since.
  void rejoin_sharers();

  void tell(Container& container, const std::string& action) { listener_.on_event(container, action); }

  /// Freezes a running container, or thaws it.
  [[nodiscard]] Status freeze(Container& container, bool frozen);
  /// Its record has another definition than `before`, and nothing that is fixed at its start: policy, patience and
  /// health checks follow.
  void take_changes(Container& container, const model::Service& before);
  /// Another one takes its place: it gets no new connections while others are there.
  void begin_draining(Container& container);
  /// Writes the record; an error is a notice.
  void save(Container& container);

 private:
  void perform(Container& container, const Action& action);
  [[nodiscard]] bool owner_is_coming(const Container& container);
  void follow_owners(Container& container);
  void seek_owner(Container& container, Nanoseconds delay);
  void forget_watches(Container& container);
  void give_up_waiting(Container& container);
  void launch(Container& container);
  [[nodiscard]] Status try_launch(Container& container);
  void start_watching(Container& container);
  void read_sync(Container& container);
  void on_report(Container& container, const init::Report& report, UniqueFd attached);
  void take_terminal(Container& container, UniqueFd controller);
  void close_outputs(Container& container);
  void on_namespaces(Container& container);
  void on_sync_closed(Container& container);
  void fail(Container& container, Error error);
  void maybe_prepared(Container& container);
  void go(Container& container);
  void signal_stop(Container& container);
  void arm_grace(Container& container, Nanoseconds grace);
  void thaw(Container& container);
  void kill_all(Container& container);
  void on_pidfd(Container& container);
  void ask_kernel_for_exit(Container& container, MonotonicTime until);
  void on_exit(Container& container, std::optional<sys::ExitStatus> exit);
  void after_exit(Container& container);
  void started(Container& container);
  void drain(OutputStream& stream);
  void watch_output(Container& container, OutputStream& stream);
  void close_output(OutputStream& stream);
  [[nodiscard]] Status open_logs(Container& container);
  void arm(Container& container, Nanoseconds delay, EventKind event);
  void adopt_running(Container& container, Kept& kept);
  void adopt_output(Container& container, Kept& kept);

  void begin_probing(Container& container);
  void end_probing(Container& container);
  void ask_readiness(Container& container);
  void hurry_probe(Container& container);
  void run_probe(Container& container);
  void run_test(Container& container);
  [[nodiscard]] bool repeats_last_probe(const Container& container) const;
  [[nodiscard]] Status start_probe(Container& container);
  void close_probe(Container& container);
  void read_probe(Container& container);
  void on_probe_exit(Container& container, bool timed_out);
  void conclude_probe(Container& container, int exit_code);
  void schedule_probe(Container& container, Nanoseconds delay);

  EventLoop& loop_;
  engine::Context& context_;
  ContainerListener& listener_;
  const model::Project* project_ = nullptr;
  std::map<std::string, std::unique_ptr<Container>> containers_;
};

}  // namespace cmp::supervisor
