#pragma once
// What will be done, and why: pure data, in topological order, the same text for the same input. The engine walks it;
// --dry-run prints it. Planning reads nothing: its inputs are arguments.

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "model/project.hpp"
#include "plan/difference.hpp"

namespace cmp::plan {

/// One operation is one ensure of the size of a kernel object. What is only known later (a pid) is referred to by name.
namespace op {

struct CreateNetwork {
  std::string network;  ///< key in the file
};

struct CreateVolume {
  std::string volume;
};

/// Record and directories; then everything up to, but not including, the exec of its program: namespaces, mounts,
/// network, cgroup. `fresh`: it does not exist yet.
struct PrepareContainer {
  std::string container, service;
  int number = 1;
  bool fresh = true;
};

/// Only its record: `create`, `up --no-start`.
struct CreateContainer {
  std::string container, service;
  int number = 1;
};

/// Nothing is started before everything is prepared: what can't work is found while nothing has happened yet.
struct Barrier {};

/// Lets a prepared container exec its program.
struct StartContainer {
  std::string container, service;
};

/// Waits until a container is in the condition, or can't get there any more.
struct AwaitCondition {
  std::string container, service;
  model::Condition condition = model::Condition::kStarted;
  bool required = true;  ///< false: a failure is a warning
  bool steady = false;   ///< it must not be in a crash loop either (--wait)
};

enum class HookKind { kPostStart, kPreStop };

/// Runs the hooks of its service in a running container, one after the other.
struct RunHooks {
  std::string container, service;
  HookKind kind = HookKind::kPostStart;
};

struct StopContainer {
  std::string container, service;
  std::optional<int> timeout_s;  ///< overrides the service's grace period
};

struct RemoveContainer {
  std::string container, service;
  bool keep_volumes = false;  ///< its anonymous volumes are for the container that takes its place
};

/// A network it is on is made anew: in its record it has the addresses there that were chosen now. It does not run.
struct ConnectContainer {
  std::string container, service;
};

/// The container is there again as it was before a plan that has failed removed it or connected it anew.
struct RestoreContainer {
  std::string container, service;
};

/// What a container can take while it is there: limits, labels, ports and the like; what it is made from is the new
/// service from then on. `back`: it takes again what it had before.
struct UpdateContainer {
  std::string container, service;
  int number = 1;
  bool back = false;
};

/// It gets no new connections any more; then until those that it has are over, or its grace period is.
struct DrainContainer {
  std::string container, service;
};

/// A container that takes another one's place is ready, and stays up for `monitor`.
struct AwaitReady {
  std::string container, service;
  Nanoseconds monitor{0};
};

/// Between two batches of an update.
struct Pause {
  Nanoseconds time{0};
};

/// The signal goes to its first process. SIGKILL ends it for good.
struct SignalContainer {
  std::string container, service;
  int signal = 0;
};

/// Its processes are frozen, or go on.
struct FreezeContainer {
  std::string container, service;
  bool frozen = true;
};

struct RemoveNetwork {
  std::string network;
};

/// The network is there again as it was before a plan that has failed removed it.
struct RestoreNetwork {
  std::string network;
};

/// It goes to the trash, unless nothing of anybody's is in it yet.
struct RemoveVolume {
  std::string name;       ///< its name on the host
  bool for_good = false;  ///< it was made by the plan that is taken back
};

/// The volume is there again as it was before a plan that has failed removed it.
struct RestoreVolume {
  std::string name;
};

}  // namespace op

using Op = std::variant<op::CreateNetwork, op::CreateVolume, op::CreateContainer, op::PrepareContainer, op::Barrier,
                        op::StartContainer, op::AwaitCondition, op::RunHooks, op::StopContainer, op::RemoveContainer,
                        op::ConnectContainer, op::RestoreContainer, op::UpdateContainer, op::DrainContainer,
                        op::AwaitReady, op::Pause, op::SignalContainer, op::FreezeContainer, op::RemoveNetwork,
                        op::RestoreNetwork, op::RemoveVolume, op::RestoreVolume>;

struct Step {
  int id = 0;                        ///< its place in Plan::steps, from 0
  std::string resource;              ///< "network:front", "container:shop-web-1"
  std::string cause;                 ///< "not found", "configuration changed"
  std::vector<FieldChange> changes;  ///< what has changed, if that is the cause
  Op op;
  std::vector<int> needs;    ///< ids of the steps that must have succeeded, all smaller than `id`
  bool best_effort = false;  ///< its failure is a warning and holds up nothing
  std::string rollout;       ///< the service whose update it is a part of; "" is none
};

struct Plan {
  std::vector<Step> steps;
  std::vector<std::string> warnings;  ///< orphans and the like
};

/// What there is, as far as planning needs it.
struct ObservedContainer {
  std::string name, service;
  int number = 1;
  std::string config_hash;
  std::optional<model::Service> definition;  ///< what it was made from, or has been updated to
  /// Of the contents of its secrets and configs, by "secret db".
  std::map<std::string, std::string> granted;
  std::string image_id;       ///< of what it was made from; "" if that was no image
  std::string image_volumes;  ///< as image_volume_digests() has them
  bool live = false;          ///< its program runs, or will again by its restart policy
  bool running = false;       ///< its program runs, frozen or not
  bool paused = false;        ///< its processes are frozen
  bool prepared = false;      ///< waiting for its start
  bool healthy = false;
  bool probed = false;                        ///< it has a health check
  bool one_off = false;                       ///< of `run`, or a hook: no replica of its service
  bool post_start = false, pre_stop = false;  ///< it has such hooks
  /// Containers of its pre_start hooks, in order: those for all replicas, and those for this one.
  std::vector<std::string> shared_hooks, own_hooks;
  bool orphaned = false;              ///< a container whose namespaces it shares has ended since it was started
  std::optional<int> exit_code;       ///< it has ended with this
  std::vector<std::string> owners;    ///< containers whose namespaces it shares
  std::vector<std::string> networks;  ///< keys
  std::vector<std::string> volumes;   ///< names of the volumes it has, anonymous ones aside
  std::map<std::string, model::Dependency> depends_on;  ///< as of when it was made: the order of stopping
};

struct ObservedNetwork {
  std::string key, name, config_hash;
};

struct ObservedVolume {
  std::string key, name, config_hash;
};

struct Observed {
  std::map<std::string, ObservedContainer> containers;  ///< by name
  std::map<std::string, ObservedNetwork> networks;      ///< by key
  std::map<std::string, ObservedVolume> volumes;        ///< this project's, by name
  /// What other projects have made, by its name on this host: the project. It can be used and is never removed.
  std::map<std::string, std::string> foreign_networks, foreign_volumes;
};

struct UpOptions {
  std::vector<std::string> services;  ///< named on the command line; empty is all
  bool no_deps = false;               ///< only the named ones; nothing is waited for
  bool force_recreate = false;        ///< of the named services
  bool recreate_deps = false;         ///< force_recreate of what they depend on
  bool no_recreate = false;           ///< what exists stays, whatever has changed
  bool renew_volumes = false;         ///< force_recreate, and the anonymous volumes go, too
  bool no_start = false;
  bool remove_orphans = false, ignore_orphans = false;
  std::vector<std::string> disabled;  ///< services of the file whose profiles are not active: no orphans
  bool wait = false;
  std::vector<std::string> recreate_volumes;  ///< keys of volumes that go and are made anew if they have changed
  std::optional<int> timeout_s;
};

struct DownOptions {
  std::vector<std::string> services;  ///< and what depends on them; networks and volumes stay. Empty: everything
  /// Services of the compose file; containers of others are orphans, and stay. Absent: there is no file to ask.
  std::optional<std::vector<std::string>> declared;
  bool volumes = false;
  std::optional<int> timeout_s;
};

struct StartOptions {
  std::vector<std::string> services;  ///< empty is all
  bool wait = false;
};

struct RestartOptions {
  std::vector<std::string> services;
  bool no_deps = false;  ///< not those that ask to be restarted with what they depend on
  std::optional<int> timeout_s;
};

/// The steps from what is to what is wanted. Error kInvalid names an unknown service; kConflict a container that is in
/// the way: the file does not have it and it runs on a network that has changed.
[[nodiscard]] Result<Plan> reconcile(const model::Project& project, const Observed& observed, const UpOptions& options);

/// Everything of the project goes; needs no compose file.
[[nodiscard]] Plan teardown(const Observed& observed, const DownOptions& options);

/// Running containers stop, dependants first; nothing is removed.
[[nodiscard]] Plan stop(const Observed& observed, const std::vector<std::string>& services,
                        std::optional<int> timeout_s);

/// Containers that exist and do not run are started, after what they depend on. Error kNotFound names a service, or
/// something it depends on, that has no container.
[[nodiscard]] Result<Plan> start(const Observed& observed, const StartOptions& options);

/// Containers stop, dependants first, and start again, dependants last; those that do not run are started.
[[nodiscard]] Result<Plan> restart(const Observed& observed, const RestartOptions& options);

/// Containers that do not run go: of the services, or only the ones named if there are any. `running_too`: the others
/// are stopped first.
[[nodiscard]] Plan remove(const Observed& observed, const std::vector<std::string>& services,
                          const std::vector<std::string>& containers = {}, bool running_too = false);

/// What is to be signalled: the running containers of the services. Those of `declared` when no service is named, or
/// all if there is no such list.
struct KillOptions {
  std::vector<std::string> services;
  std::optional<std::vector<std::string>> declared;
  int signal = 0;
};

[[nodiscard]] Plan kill(const Observed& observed, const KillOptions& options);

/// Those that run are frozen, or those that are frozen go on.
[[nodiscard]] Plan freeze(const Observed& observed, const std::vector<std::string>& services, bool frozen);

/// Containers that the plan removes and makes again.
[[nodiscard]] std::set<std::string> recreated_containers(const Plan& plan);

/// Takes back the steps of `plan` for which `done` says true: what a failed `up` has made, in reverse, and what it has
/// removed to make it again. Starts nothing.
[[nodiscard]] Plan undo(const Plan& plan, const std::vector<bool>& done);

/// One line a step: id, what it needs, resource, operation, cause.
[[nodiscard]] std::string render(const Plan& plan);

/// The digests of what the service is granted, by "secret db" and "config app"; those that are known.
[[nodiscard]] std::map<std::string, std::string> granted_digests(const model::Service& service);

/// Those of the images that it mounts, in the order of its volumes, joined by ","; "" if there are none.
[[nodiscard]] std::string image_volume_digests(const model::Service& service);

/// Names of the services and of everything they depend on, sorted. Error kInvalid names an unknown one.
[[nodiscard]] Result<std::vector<std::string>> with_dependencies(const model::Project& project,
                                                                 const std::vector<std::string>& services);

}  // namespace cmp::plan
