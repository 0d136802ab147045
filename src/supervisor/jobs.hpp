#pragma once
// The requests that change the project, one at a time: each becomes a plan, and the plan is carried out. What the cli
// asks for and what a new supervisor goes on with take the same way.

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/addresses.hpp"
#include "engine/context.hpp"
#include "engine/storage.hpp"
#include "net/reservation.hpp"
#include "plan/plan.hpp"
#include "supervisor/containers.hpp"
#include "supervisor/desired.hpp"
#include "supervisor/event_loop.hpp"
#include "supervisor/execution.hpp"
#include "supervisor/firewall.hpp"
#include "supervisor/published_ports.hpp"
#include "supervisor/sessions.hpp"

namespace cmp::supervisor {

/// What jobs work on.
struct JobSite {
  EventLoop& loop;
  engine::Context& context;
  Containers& containers;
  PublishedPorts& ports;
  Firewall& firewall;
  Sessions& sessions;
  /// The last container and network are gone: removes what else there is of the project. \returns what went wrong.
  std::function<std::vector<Error>()> remove_project;
  /// The secrets and configs in `context` have changed: whoever outlives this process gets them.
  std::function<Status()> keep_given;
  /// The answer is on its way: ends the supervisor.
  std::function<void()> end;
};

class Jobs {
 public:
  Jobs(JobSite site, Desired desired);

  /// Goes on with what an earlier supervisor had begun, then with what comes.
  void start();

  /// The last `up` was not carried out to its end; start() goes on with it.
  [[nodiscard]] bool was_interrupted() const { return !desired_.complete; }

  /// A request that changes something, and the descriptors that came along. What goes down interrupts what comes up.
  void enqueue(SessionId session, Request request, std::vector<UniqueFd> attached = {});
  /// A container has ended, or nobody watches it any more: it goes if it is to go by itself.
  void remove_if_ended(const std::string& name);
  /// The one who asked for the job under way gives it up.
  void cancel(SessionId session);
  /// Nobody is there who could ask for anything: if there is nothing of the project either, it ends.
  void end_if_unused();

  /// Nothing is under way and nothing waits.
  [[nodiscard]] bool idle() const { return !execution_ && !finish_deferred_ && waiting_.empty() && !ended_; }

  /// Tells whoever asked for the job under way.
  void emit(const Event& event);

  /// What containers do is told to it; null when nothing is under way.
  [[nodiscard]] Execution* execution() { return execution_.get(); }

  [[nodiscard]] const model::Project& project() const { return desired_.project; }

 private:
  /// A request and who waits for its answer; 0 is nobody.
  struct Job {
    SessionId session = 0;
    Request request;
    std::vector<UniqueFd> attached;
  };

  void interrupt_ups(const std::string& by);
  void next();
  [[nodiscard]] Status begin();
  [[nodiscard]] Status begin_up();
  [[nodiscard]] Status begin_down();
  [[nodiscard]] Status begin_stop();
  void adopt_desired(const model::Project& project);
  [[nodiscard]] Status begin_start();
  [[nodiscard]] Status begin_restart();
  [[nodiscard]] Status begin_remove();
  [[nodiscard]] Status begin_freeze();
  [[nodiscard]] Status bring_up(plan::Plan plan);
  [[nodiscard]] Status begin_kill();
  [[nodiscard]] Result<bool> kill(SessionId session, const Request& request);
  void kill_meanwhile(SessionId session, const Request& request);

  /// Networks as the records have them.
  struct Networks {
    std::vector<state::NetworkRecord> own, neighbours;
  };

  [[nodiscard]] Result<Networks> read_networks() const;
  [[nodiscard]] Result<plan::Observed> observe();
  [[nodiscard]] Result<plan::Observed> observe(const Networks& networks);
  [[nodiscard]] Result<engine::AddressPlan> plan_addresses(const model::Project& project, const Networks& networks,
                                                           const plan::Plan& plan);
  [[nodiscard]] Status check_bridges(const model::Project& project, const plan::Plan& plan,
                                     const engine::AddressPlan& addresses);
  [[nodiscard]] Status note_shared(const model::Project& project);
  [[nodiscard]] Status bind_ports(const model::Project& project, const plan::Plan& plan);
  void tell_running(const plan::Observed& observed, const plan::Plan& plan);
  [[nodiscard]] Status store_granted();
  [[nodiscard]] Status make_bind_sources(const model::Project& project, const plan::Plan& plan);
  void execute(plan::Plan plan, engine::OnFailure on_failure,
               std::optional<net::Reservation> reservation = std::nullopt);
  void on_finished();
  void on_execution_finished();
  void note_generation();
  void begin_undo(const Execution& failed);
  [[nodiscard]] std::string update_to_roll_back(const Execution& failed) const;
  [[nodiscard]] Status begin_rollback(const Execution& failed, const std::string& service);
  [[nodiscard]] bool start_again();
  void forget_retired();
  [[nodiscard]] std::vector<std::string> returning() const;
  void note_returning();
  void finish();
  [[nodiscard]] bool nothing_left();
  void answer(SessionId session, bool gone, std::vector<Error> errors);

  JobSite site_;
  Desired desired_;
  std::deque<Job> waiting_;
  Job job_;  ///< the one under way
  std::unique_ptr<Execution> execution_;
  engine::AddressPlan addresses_;
  BoundPorts bound_ports_;
  Desired before_;  ///< what was wanted before this `up`
  Retired retired_;
  std::vector<std::string> to_start_again_;  ///< services that an `up` had stopped before it failed
  std::vector<std::string> made_sources_;    ///< directories that this `up` has made for bind mounts
  model::Project work_project_;              ///< whose services the job under way makes containers of
  OneOff one_off_;
  std::vector<Error> errors_;
  bool undoing_ = false;  ///< taking back an `up` of which nothing had started
  bool changed_ = false;
  bool finish_deferred_ = false;
  bool ended_ = false;  ///< the project has left no trace
};

}  // namespace cmp::supervisor
