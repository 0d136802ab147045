#include "supervisor/supervisor.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <utility>

#include <fmt/core.h>

#include "engine/bridges.hpp"
#include "engine/context.hpp"
#include "engine/grants.hpp"
#include "engine/neighbours.hpp"
#include "net/resolv_conf.hpp"
#include "rootfs/directories.hpp"
#include "state/lock.hpp"
#include "supervisor/container_event.hpp"
#include "supervisor/containers.hpp"
#include "supervisor/firewall.hpp"
#include "supervisor/guardian_link.hpp"
#include "supervisor/jobs.hpp"
#include "supervisor/names.hpp"
#include "supervisor/published_ports.hpp"
#include "supervisor/sessions.hpp"
#include "supervisor/spawn.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

/// No container can be called so.
constexpr std::string_view kGivenName = "given:";

/// Holds the parts together: what containers do is told to names, clients and the job under way.
class Supervisor : public ContainerListener {
 public:
  Supervisor(EventLoop loop, engine::Context context, Inheritance inheritance)
      : loop_(std::move(loop)),
        context_(std::move(context)),
        self_exe_(std::move(inheritance.self_exe)),
        listener_fd_(inheritance.listener.get()),
        guardian_(std::move(inheritance.link)),
        containers_(loop_, context_, *this),
        names_(
            loop_, net::parse_resolv_conf(context_.host.resolv_conf), [this] { return containers_.records(); },
            [this](const state::ContainerRecord& self) { return others_of(self); },
            [this](net::filter::Family family) { return firewall_.balances(family); }),
        ports_(loop_, {.records = [this] { return containers_.records(); },
                       .neighbours =
                           [this](const state::PublishedPort& port) {
                             return engine::port_publisher(engine::neighbour_containers(context_.paths), port);
                           },
                       .hold = [this](const std::string& name, int fd) { guardian_.hold(name, fd); },
                       .drop = [this](const std::string& name) { guardian_.drop(name); }}),
        firewall_(
            loop_, context_, [this] { return containers_.records(); },
            [this](const std::string& message) { jobs_.emit({.type = EventType::kWarning, .message = message}); }),
        sessions_(
            loop_, std::move(inheritance.listener),
            [this](SessionId id, Request request, std::vector<UniqueFd> attached) {
              on_request(id, std::move(request), std::move(attached));
            },
            [this](const std::string& container) { remove_later(container, Nanoseconds(0)); },
            [this] { loop_.defer([this] { end_if_unused(); }); }),
        jobs_({loop_, context_, containers_, ports_, firewall_, sessions_, [this] { return remove_project(); },
               [this] { return keep_given(); }, [this] { end_when_flushed(); }},
              read_desired(context_.paths).value_or(Desired())) {
    containers_.use_project(jobs_.project());
  }

  Status run() {
    CMP_CHECK(write_role());
    CMP_CHECK(recover());
    CMP_CHECK(loop_.watch(guardian_.fd(), EPOLLIN, [this](std::uint32_t) { on_guardian(); }));
    CMP_CHECK(sessions_.listen());
    jobs_.start();
    // Whoever watches one comes back first.
    constexpr Nanoseconds kPatience = std::chrono::seconds(2);
    for (const auto& [name, container] : containers_.all()) {
      remove_later(name, kPatience);
    }
    loop_.after(kPatience, [this] { end_if_unused(); });
    return loop_.run();
  }

  void on_prepared(Container& container) override {
    if (Execution* execution = jobs_.execution()) {
      execution->on_prepared(container);
    }
  }

  void on_started(Container& container) override {
    if (Execution* execution = jobs_.execution()) {
      execution->on_started(container);
    }
  }

  void on_failed(Container& container) override {
    if (Execution* execution = jobs_.execution()) {
      execution->on_failed(container);
    }
  }

  void on_stopped(Container& container) override {
    if (Execution* execution = jobs_.execution()) {
      execution->on_stopped(container);
    }
    if (container.record.stop_requested && container.record.exit) {
      on_event(container, "stop");
    }
    if (container.record.auto_remove) {
      remove_later(container.record.name, Nanoseconds(0));
    }
  }

  void on_slow_stop(Container& container, const std::string& why) override {
    if (Execution* execution = jobs_.execution()) {
      execution->on_slow_stop(container, why);
    }
  }

  void on_changed(Container& container) override {
    names_.invalidate();
    firewall_.update_soon();
    Execution* const execution = jobs_.execution();
    Event event = container_event(container);
    if (event.state == "exited" && execution != nullptr && execution->comes_back(container.record.name)) {
      event.state = state::to_string(state::ContainerState::kRestarting);
    }
    sessions_.broadcast(event);
    if (execution != nullptr) {
      execution->on_changed(container);
    } else {
      ports_.keep_only(containers_.records());  // one that has ended for good lets go of its own
    }
  }

  void on_network(Container& container, bool there) override {
    if (!there) {
      return names_.stop(container.record.name);
    }
    if (container.record.endpoints.empty()) {
      return;
    }
    const Status served = names_.serve(container.record, container.record.process.pid);
    // A container that has failed meanwhile needs no names, and says itself what was wrong.
    if (!served && served.error().os_errno != ENOENT && !sys::has_exited(container.pidfd.get())) {
      on_notice(container, fmt::format("no names at 127.0.0.11: {}", served.error().str()));
    }
  }

  void on_terminal(Container& container, int controller) override {
    if (controller < 0) {
      return guardian_.drop(container.record.name);
    }
    guardian_.hold(container.record.name, controller);
  }

  void on_event(Container& container, const std::string& action) override {
    const state::ContainerRecord& record = container.record;
    if (state::is_one_off(record)) {
      return;
    }
    Event event{.type = EventType::kHappened,
                .id = record.id,
                .container = record.name,
                .service = record.service,
                .state = action,
                .attributes = record.service_definition.labels};
    event.attributes["image"] = record.image;
    event.attributes["name"] = record.name;
    if (action == "die") {
      event.attributes["exitCode"] = std::to_string(record.exit ? record.exit->code : 0);
    }
    sessions_.broadcast(event);
  }

  void on_notice(Container& container, const std::string& message) override {
    jobs_.emit({.type = EventType::kWarning, .container = container.record.name, .message = message});
    std::fprintf(stderr, "%s: %s\n", container.record.name.c_str(), message.c_str());
  }

 private:
  /// Containers of other projects, on networks that `self` shares with them.
  std::vector<state::ContainerRecord> others_of(const state::ContainerRecord& self) {
    std::vector<std::string> shared;
    for (const state::EndpointRecord& endpoint : self.endpoints) {
      if (endpoint.shared || engine::is_shared(context_.paths, endpoint.network_name)) {
        shared.push_back(endpoint.network_name);
      }
    }
    return shared.empty() ? std::vector<state::ContainerRecord>() : engine::neighbours_on(context_.paths, shared);
  }

  [[nodiscard]] Status write_role() const {
    const pid_t self = ::getpid();
    return state::write_role(context_.paths.supervisor_record(),
                             {{self, sys::start_ticks(self).value_or(0)}, CMP_VERSION});
  }

  /// What an earlier supervisor has left is taken over before anybody is listened to.
  Status recover() {
    CMP_TRY(auto records, state::read_containers(context_.paths, state::Check::kAsWritten));
    for (state::ContainerRecord& record : records) {
      containers_.add(std::move(record));
    }
    containers_.open_processes();
    CMP_TRY(Kept kept, guardian_.ask());
    ports_.inherit(kept.held);
    if (const auto given = kept.held.find(std::string(kGivenName)); given != kept.held.end()) {
      given_ = std::move(given->second);
      CMP_TRY(context_.given, engine::unpack_given_files(given_.get()));
    }
    for (auto& [name, container] : containers_.all()) {
      if (!state::holds_ports(container->record)) {
        continue;
      }
      if (const auto bound = ports_.bind(container->record.service_definition); !bound) {
        on_notice(*container, bound.error().str());
      }
    }
    ports_.forget_inherited();
    for (auto& [name, container] : containers_.all()) {
      containers_.adopt(*container, kept);
    }
    containers_.rejoin_sharers();
    for (const auto& [pid, status] : kept.exits) {
      guardian_.seen(pid);
    }
    if (const Status finished = jobs_.was_interrupted() ? engine::finish_bridges(context_) : Status(); !finished) {
      std::fprintf(stderr, "%s\n", finished.error().str().c_str());  // the `up` that is gone on with tells
    }
    return firewall_.update();
  }

  /// Not from within what it has heard of it by.
  void remove_later(const std::string& container, Nanoseconds delay) {
    loop_.after(delay, [this, container] { jobs_.remove_if_ended(container); });
  }

  void on_request(SessionId session, Request request, std::vector<UniqueFd> attached) {
    switch (request.operation) {
      case Operation::kPing:
        return sessions_.send(session, {.type = EventType::kDone});
      case Operation::kWatch:
        return start_watch(session, std::move(request.containers));
      case Operation::kTerminal:
        return give_terminal(session, request);
      case Operation::kCancel:
        return jobs_.cancel(session);
      case Operation::kReplace:
        return make_way(session, std::move(attached));
      case Operation::kUp:
      case Operation::kDown:
      case Operation::kStop:
      case Operation::kKill:
      case Operation::kStart:
      case Operation::kRestart:
      case Operation::kRemove:
      case Operation::kPause:
      case Operation::kUnpause:
      case Operation::kRun:
        return jobs_.enqueue(session, std::move(request), std::move(attached));
    }
  }

  /// For `attach`: the controller goes to the client, which writes keys and the size of its window to it. It does not
  /// read it: what the service writes goes to the log.
  void give_terminal(SessionId session, const Request& request) {
    Container* const container =
        request.containers.size() == 1 ? containers_.find(request.containers.front()) : nullptr;
    if (container == nullptr || !container->out.terminal || !container->out.fifo) {
      return sessions_.send(session, {.type = EventType::kDone,
                                      .errors = {make_error(Code::kNotFound, "the container has no terminal")}});
    }
    sessions_.send(session, {.type = EventType::kDone}, container->out.fifo.get());
  }

  /// For another build of cmp: this process ends, and what comes next takes over as after a crash.
  void make_way(SessionId session, std::vector<UniqueFd> attached) {
    if (attached.size() != 1 || !jobs_.idle()) {
      return sessions_.send(
          session, {.type = EventType::kDone, .errors = {make_error(Code::kConflict, "a command is under way")}});
    }
    sessions_.stop_listening();
    guardian_.replace(attached.front().get());
    sessions_.send(session, {.type = EventType::kDone});
    end_when_flushed();
  }

  void start_watch(SessionId session, std::vector<std::string> held) {
    sessions_.set_watching(session, std::move(held));
    for (auto& [name, container] : containers_.all()) {
      sessions_.send(session, container_event(*container));
    }
  }

  void on_guardian() {
    const bool there = guardian_.read([this](pid_t pid, int status) {
      containers_.on_reaped(pid, status);
      // Written down by now, or none of ours.
      guardian_.seen(pid);
    });
    if (!there) {
      // The guardian has been killed. Somebody has to be one: this process, which starts a new supervisor.
      const Error failed = become_guardian(context_.paths, self_exe_.get(), listener_fd_, held(), {});
      std::fprintf(stderr, "%s\n", failed.str().c_str());
      loop_.stop();
    }
  }

  /// Descriptors that a guardian holds, by the names they are held under.
  std::map<std::string, int> held() {
    std::map<std::string, int> out = ports_.sockets();
    if (given_) {
      out.emplace(kGivenName, given_.get());
    }
    for (const auto& [name, container] : containers_.all()) {
      if (container->out.terminal) {
        out[name] = container->out.fifo.get();
      }
    }
    return out;
  }

  Status keep_given() {
    CMP_TRY(given_, engine::pack_given_files(context_.given));
    guardian_.hold(std::string(kGivenName), given_.get());
    return {};
  }

  /// Every trace of the project but its volumes. The lock keeps a command that comes now from starting a supervisor in
  /// the middle of it.
  std::vector<Error> remove_project() {
    std::vector<Error> errors;
    const auto note = [&](const Status& removed) {
      if (!removed) {
        errors.push_back(removed.error());
      }
    };
    const state::Paths& paths = context_.paths;
    const auto lock = state::lock(paths.lock());
    sessions_.stop_listening();
    note(cgroup::remove(context_.cgroups, {state::cgroup_project_path(paths.roots(), paths.project())}));
    note(rootfs::remove_forcibly(paths.state_dir()));
    note(sys::remove_tree(paths.run_dir()));
    ::unlink(paths.lock().c_str());
    guardian_.quit();
    return errors;
  }

  /// Whoever had started it may have gone without a word.
  void end_if_unused() {
    if (sessions_.empty()) {
      jobs_.end_if_unused();
    }
  }

  void end_when_flushed() {
    constexpr Nanoseconds kPatience = std::chrono::seconds(2);
    if (end_by_ == MonotonicTime()) {
      end_by_ = monotonic_now() + kPatience;
    }
    if (sessions_.flushed() || monotonic_now() > end_by_) {
      return loop_.stop();
    }
    loop_.after(std::chrono::milliseconds(1), [this] { end_when_flushed(); });
  }

  EventLoop loop_;
  engine::Context context_;
  UniqueFd self_exe_;
  int listener_fd_;
  GuardianLink guardian_;
  Containers containers_;
  Names names_;
  PublishedPorts ports_;
  Firewall firewall_;
  Sessions sessions_;
  Jobs jobs_;
  UniqueFd given_;  ///< secrets and configs, packed, as the guardian holds them
  MonotonicTime end_by_;
};

}  // namespace

Status run_supervisor(const state::Paths& paths, Inheritance inheritance) {
  // A closed pipe or socket is an error of the write, not the end of the supervisor.
  ::signal(SIGPIPE, SIG_IGN);
  CMP_TRY(auto loop, EventLoop::create());
  CMP_TRY(auto context, engine::Context::open(paths));
  return Supervisor(std::move(loop), std::move(context), std::move(inheritance)).run();
}

}  // namespace cmp::supervisor
