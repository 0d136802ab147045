#pragma once
// One plan being carried out: the engine's Runtime over the real kernel, with progress for whoever asked.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/addresses.hpp"
#include "engine/context.hpp"
#include "engine/executor.hpp"
#include "model/project.hpp"
#include "net/reservation.hpp"
#include "supervisor/containers.hpp"
#include "supervisor/firewall.hpp"
#include "supervisor/hook_runs.hpp"
#include "supervisor/protocol.hpp"

namespace cmp::supervisor {

/// The host's side of the published ports, by service.
using BoundPorts = std::map<std::string, std::vector<state::PublishedPort>>;

/// A container that is made for one run.
struct OneOff {
  std::string container;  ///< and the key of what it is made from in the project
  std::string service;
  bool auto_remove = false;
  std::vector<UniqueFd> streams;  ///< its caller's, three or none
};

/// What an `up` has removed to make it again, and the records of containers that it has connected anew, as they were.
struct Retired {
  std::map<std::string, state::ContainerRecord> containers;
  std::map<std::string, state::NetworkRecord> networks;   ///< by key
  std::map<std::string, state::ContainerRecord> updated;  ///< as they were before they were updated in place
};

/// What an operation works on and tells to.
struct ExecutionSite {
  EventLoop& loop;
  engine::Context& context;
  Containers& containers;
  Firewall& firewall;
  const model::Project& project;
  const engine::AddressPlan& addresses;
  const BoundPorts& ports;
  std::function<void(const Event&)> emit;
  OneOff* one_off = nullptr;       ///< of `run`
  std::function<void()> finished;  ///< nothing is under way any more; may be called more than once
  /// Takes what is removed to be made again; null: it is gone for good.
  Retired* retired = nullptr;
  /// Since the addresses were chosen; let go as soon as the networks are there.
  std::optional<net::Reservation> reservation = std::nullopt;
};

class Execution : public engine::Runtime {
 public:
  Execution(ExecutionSite site, plan::Plan plan, engine::OnFailure on_failure);
  ~Execution() override;
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  Execution(Execution&&) = delete;
  Execution& operator=(Execution&&) = delete;

  void start();
  void begin(const plan::Step& step) override;
  void cancel(Error why);

  [[nodiscard]] bool finished() const { return executor_.finished(); }

  [[nodiscard]] const engine::Executor& executor() const { return executor_; }

  /// It is stopped in order to be started again, itself or made anew.
  [[nodiscard]] bool comes_back(const std::string& container) const {
    return recreated_.contains(container) || restarted_.contains(container);
  }

  /// True if a program of the user's has been started.
  [[nodiscard]] bool anything_started() const { return anything_started_; }

  // What containers do, handed on by the supervisor.
  void on_prepared(const Container& container);
  void on_started(Container& container);
  void on_failed(const Container& container);
  void on_stopped(const Container& container);
  void on_slow_stop(const Container& container, const std::string& why);
  void on_changed(const Container& container);

 private:
  enum class Waiting { kPrepared, kStarted, kStopped };
  void run(const plan::Step& step, const plan::op::CreateNetwork& op);
  void run(const plan::Step& step, const plan::op::CreateVolume& op);
  void run(const plan::Step& step, const plan::op::CreateContainer& op);
  void run(const plan::Step& step, const plan::op::PrepareContainer& op);
  void run(const plan::Step& step, const plan::op::Barrier& op);
  void run(const plan::Step& step, const plan::op::StartContainer& op);
  void run(const plan::Step& step, const plan::op::AwaitCondition& op);
  void run(const plan::Step& step, const plan::op::RunHooks& op);
  void run(const plan::Step& step, const plan::op::StopContainer& op);
  void run(const plan::Step& step, const plan::op::RemoveContainer& op);
  void run(const plan::Step& step, const plan::op::ConnectContainer& op);
  void run(const plan::Step& step, const plan::op::RestoreContainer& op);
  void run(const plan::Step& step, const plan::op::UpdateContainer& op);
  void run(const plan::Step& step, const plan::op::DrainContainer& op);
  void run(const plan::Step& step, const plan::op::AwaitReady& op);
  void run(const plan::Step& step, const plan::op::Pause& op);
  void run(const plan::Step& step, const plan::op::RemoveNetwork& op);
  void run(const plan::Step& step, const plan::op::RestoreNetwork& op);
  void run(const plan::Step& step, const plan::op::RemoveVolume& op);
  void run(const plan::Step& step, const plan::op::RestoreVolume& op);

  [[nodiscard]] Status create_network(const state::NetworkRecord& record);
  [[nodiscard]] Status remove_bridges(const std::vector<std::pair<int, state::NetworkRecord>>& networks);
  [[nodiscard]] Status check_parent(const state::NetworkRecord& record);
  [[nodiscard]] Status check_still_free(const state::NetworkRecord& record);
  [[nodiscard]] std::string users_of(const std::string& volume) const;
  [[nodiscard]] bool brings_back(const std::string& volume) const;
  Container& find_or_add(const std::string& name, const std::string& service, int number);
  void remove_container(int step, const plan::op::RemoveContainer& op);
  void remove_networks();
  void leave_network(int step, const state::NetworkRecord& network);
  [[nodiscard]] bool keep_in_use(int step, const state::NetworkRecord& network);
  [[nodiscard]] Status remove_devices();
  void tell_if_finished();
  void tell_deaf();
  void wait_for(const std::string& container, Waiting what, int step);
  void finish_waiting(const std::string& container, Waiting what, const Status& status,
                      const std::string& details = "");
  [[nodiscard]] Status update(Container& container, const plan::op::UpdateContainer& op);
  [[nodiscard]] Status update_back(Container& container);
  void look_for_connections(int step, const std::string& name, MonotonicTime until, int empty_looks);
  void check_ready(const plan::Step& step, const plan::op::AwaitReady& op);
  void finish_monitoring(int id);
  void finish_ready(const plan::Step& step, const plan::op::AwaitReady& op, Status status);
  [[nodiscard]] bool tolerates(const plan::Step& step);
  void check_await(const plan::Step& step, const plan::op::AwaitCondition& op);
  void finish_await(const plan::Step& step, const plan::op::AwaitCondition& op, Status status);
  void note_await(const plan::Step& step, const plan::op::AwaitCondition& op, MonotonicTime since);
  void note_not_started();
  void on_hooks_done(int step, plan::op::HookKind kind, Status status);
  [[nodiscard]] state::ContainerRecord new_record(const std::string& name, const std::string& service,
                                                  int number) const;
  void complete(int step, Status status);
  void done(int step, Status status, const std::string& id, std::string_view text, std::string details = "");
  [[nodiscard]] std::string_view wording(const std::string& id, std::string_view text) const;
  void tell(const std::string& id, std::string_view text, ProgressStatus status, std::string details = "");

  ExecutionSite site_;
  engine::Executor executor_;
  std::map<std::pair<std::string, Waiting>, std::vector<int>> waiting_;
  std::map<int, MonotonicTime> awaits_;                          ///< steps under way that only wait, since when
  std::map<int, EventLoop::TimerId> timers_;                     ///< of steps that wait for a time
  std::map<int, EventLoop::TimerId> asked_again_;                ///< by step: awaits that time may end
  std::map<std::string, std::set<std::string>> failed_updates_;  ///< by service: what has failed of its update
  std::map<int, std::string> long_awaits_;                       ///< met, after long: "db (healthy after 3.2 s)"
  std::vector<std::string> devices_;  ///< of containers that are gone, to be removed together
  std::vector<std::pair<int, state::NetworkRecord>> leaving_networks_;  ///< steps that go in one batch
  std::set<std::string> recreated_;                                     ///< containers that go and come back
  std::set<std::string> restarted_;                                     ///< containers that stop and start again
  std::set<std::string> told_recreate_;
  HookRuns hooks_;
  std::map<std::string, std::set<std::string>> deaf_;  ///< "no handler for SIGTERM" → containers, ended at once
  bool anything_started_ = false;
  bool noted_ = false;  ///< what was not started
};

}  // namespace cmp::supervisor
