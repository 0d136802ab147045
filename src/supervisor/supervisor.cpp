#include "supervisor/supervisor.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <deque>
#include <utility>

#include <fmt/core.h>

#include "engine/addresses.hpp"
#include "engine/context.hpp"
#include "engine/preflight.hpp"
#include "engine/records.hpp"
#include "net/resolv_conf.hpp"
#include "rootfs/directories.hpp"
#include "state/lock.hpp"
#include "supervisor/containers.hpp"
#include "supervisor/desired.hpp"
#include "supervisor/execution.hpp"
#include "supervisor/guardian_link.hpp"
#include "supervisor/names.hpp"
#include "supervisor/published_ports.hpp"
#include "supervisor/sessions.hpp"
#include "supervisor/spawn.hpp"
#include "sys/file.hpp"

namespace cmp::supervisor {

namespace {

/// A request and who waits for its answer; 0 is nobody (a supervisor going on with what another had begun).
struct Job {
  SessionId session = 0;
  Request request;
};

class Supervisor : public ContainerListener {
 public:
  Supervisor(EventLoop loop, engine::Context context, Inheritance inheritance)
      : loop_(std::move(loop)),
        context_(std::move(context)),
        self_exe_(std::move(inheritance.self_exe)),
        listener_fd_(inheritance.listener.get()),
        guardian_(std::move(inheritance.link)),
        containers_(loop_, context_, *this),
        names_(loop_, net::parse_resolv_conf(context_.host.resolv_conf).nameservers, [this] { return records(); }),
        ports_(loop_, [this] { return records(); }),
        sessions_(loop_, std::move(inheritance.listener),
                  [this](SessionId id, Request request) { on_request(id, std::move(request)); }) {
    containers_.use_project(desired_.project);
  }

  Status run() {
    CMP_CHECK(write_role());
    CMP_CHECK(recover());
    CMP_CHECK(loop_.watch(guardian_.fd(), EPOLLIN, [this](std::uint32_t) { on_guardian(); }));
    CMP_CHECK(sessions_.listen());
    next_job();
    CMP_CHECK(loop_.run());
    return {};
  }

  // ContainerListener

  void on_prepared(Container& container) override {
    if (execution_) {
      execution_->on_prepared(container);
    }
  }

  void on_started(Container& container) override {
    if (execution_) {
      execution_->on_started(container);
    }
  }

  void on_failed(Container& container) override {
    if (execution_) {
      execution_->on_failed(container);
    }
  }

  void on_stopped(Container& container) override {
    if (execution_) {
      execution_->on_stopped(container);
    }
  }

  void on_changed(Container& container) override {
    names_.invalidate();
    sessions_.broadcast(container_event(container));
    if (execution_) {
      execution_->on_changed(container);
    }
  }

  void on_network(Container& container, bool there) override {
    if (!there) {
      return names_.stop(container.record.name);
    }
    if (container.record.endpoints.empty()) {
      return;
    }
    if (const Status served = names_.serve(container.record.name, container.record.process.pid); !served) {
      on_notice(container, fmt::format("no names at 127.0.0.11: {}", served.error().str()));
    }
  }

  void on_notice(Container& container, const std::string& message) override {
    const Event event{.type = EventType::kWarning, .container = container.record.name, .message = message};
    emit(event);
    std::fprintf(stderr, "%s: %s\n", container.record.name.c_str(), message.c_str());
  }

 private:
  // Start and recovery

  [[nodiscard]] Status write_role() const {
    const pid_t self = ::getpid();
    return state::write_role(context_.paths.supervisor_record(),
                             {{self, sys::start_ticks(self).value_or(0)}, CMP_VERSION});
  }

  Status recover() {
    CMP_TRY(const auto exits, guardian_.take_over());
    if (auto desired = read_desired(context_.paths)) {
      desired_ = *std::move(desired);
    }
    CMP_TRY(auto records, state::read_containers(context_.paths, state::Check::kAsWritten));
    for (state::ContainerRecord& record : records) {
      containers_.add(std::move(record));
    }
    for (auto& [name, container] : containers_.all()) {
      const auto bound = ports_.bind(container->record.service_definition);
      if (!bound) {
        on_notice(*container, bound.error().str());
      }
    }
    for (auto& [name, container] : containers_.all()) {
      containers_.adopt(*container, exits);
    }
    for (const auto& [pid, status] : exits) {
      guardian_.seen(pid);
    }
    if (!desired_.complete) {
      Job job;
      job.request.operation = Operation::kUp;
      job.request.services = desired_.services;
      job.request.project = desired_.project;
      job.request.who = "a supervisor that was killed";
      jobs_.push_back(std::move(job));
    }
    return {};
  }

  // Requests

  void on_request(SessionId session, Request request) {
    switch (request.operation) {
      case Operation::kPing:
        return sessions_.send(session, {.type = EventType::kDone});
      case Operation::kWatch:
        return start_watch(session);
      case Operation::kCancel:
        return cancel(session);
      case Operation::kUp:
        break;
      case Operation::kDown:
      case Operation::kStop:
      case Operation::kKill:
        // What goes down need not come up first.
        interrupt_ups(request.who);
        break;
    }
    jobs_.push_back({session, std::move(request)});
    next_job();
  }

  void start_watch(SessionId session) {
    sessions_.set_watching(session);
    for (auto& [name, container] : containers_.all()) {
      sessions_.send(session, container_event(*container));
    }
  }

  void cancel(SessionId session) {
    if (execution_ && job_.session == session && !undoing_) {
      execution_->cancel(make_error(Code::kInterrupted, "interrupted"));
    }
  }

  void interrupt_ups(const std::string& by) {
    const Error why =
        make_error(Code::kInterrupted, fmt::format("interrupted by {}", by.empty() ? "another command" : by));
    for (const Job& waiting : std::exchange(jobs_, {})) {
      if (waiting.request.operation == Operation::kUp) {
        answer(waiting.session, false, {why});
      } else {
        jobs_.push_back(waiting);
      }
    }
    if (execution_ && job_.request.operation == Operation::kUp && !undoing_) {
      execution_->cancel(why);
    }
  }

  void next_job() {
    if (execution_ || jobs_.empty()) {
      return;
    }
    job_ = std::move(jobs_.front());
    jobs_.pop_front();
    undoing_ = false;
    changed_ = false;
    errors_.clear();
    if (Status begun = begin_job(); !begun) {
      errors_.push_back(std::move(begun).error());
      finish_job();
    }
  }

  Status begin_job() {
    switch (job_.request.operation) {
      case Operation::kUp:
        return begin_up();
      case Operation::kDown:
        return begin_down();
      case Operation::kStop:
        return begin_stop(job_.request.timeout_s);
      case Operation::kKill:
        return begin_kill();
      case Operation::kWatch:
      case Operation::kPing:
      case Operation::kCancel:
        break;
    }
    return {};
  }

  [[nodiscard]] Result<plan::Observed> observe() {
    CMP_TRY(const auto networks, state::read_networks(context_.paths));
    CMP_TRY(const auto volumes, state::read_volumes(context_.paths.roots()));
    std::vector<state::ContainerRecord> containers;
    for (auto& [name, container] : containers_.all()) {
      containers.push_back(container->record);
    }
    return engine::observe(containers, networks, volumes, context_.paths.project());
  }

  Status begin_up() {
    if (!job_.request.project) {
      return make_error(Code::kInternal, "up without a project");
    }
    const model::Project project = *std::move(job_.request.project);
    CMP_TRY(const plan::Observed observed, observe());
    plan::UpOptions options;
    options.services = job_.request.services;
    options.force_recreate = job_.request.force_recreate;
    options.remove_orphans = job_.request.remove_orphans;
    options.wait = job_.request.wait;
    options.timeout_s = job_.request.timeout_s;
    CMP_TRY(auto plan, plan::reconcile(project, observed, options));
    CMP_TRY(auto addresses, plan_addresses(project));
    CMP_CHECK(engine::preflight(context_, project, plan));
    if (job_.request.dry_run) {
      return answer_dry_run(plan);
    }
    CMP_CHECK(bind_ports(project, plan));
    // From here on the project is what this file says: it is written down before the first thing is made.
    desired_ = {project, job_.request.services, false};
    CMP_CHECK(write_desired(context_.paths, desired_));
    addresses_ = std::move(addresses);
    tell_running(observed, plan);
    start_execution(std::move(plan), engine::OnFailure::kStop);
    return {};
  }

  Result<engine::AddressPlan> plan_addresses(const model::Project& project) {
    CMP_TRY(const auto networks, state::read_networks(context_.paths));
    CMP_TRY(const auto host_subnets, context_.links.host_subnets());
    std::vector<state::ContainerRecord> containers;
    for (auto& [name, container] : containers_.all()) {
      containers.push_back(container->record);
    }
    return engine::plan_addresses({project, context_.paths.roots(), networks, containers, host_subnets});
  }

  /// All ports of what is going to be made, before anything is: a conflict leaves everything as it was.
  Status bind_ports(const model::Project& project, const plan::Plan& plan) {
    bound_ports_.clear();
    for (const plan::Step& step : plan.steps) {
      const auto* prepare = std::get_if<plan::op::PrepareContainer>(&step.op);
      if (prepare == nullptr || bound_ports_.contains(prepare->service)) {
        continue;
      }
      auto bound = ports_.bind(project.services.at(prepare->service));
      if (!bound) {
        ports_.keep_only(records());
        return std::move(bound).error();
      }
      bound_ports_[prepare->service] = *std::move(bound);
    }
    return {};
  }

  /// Docker's word for what stays as it is.
  void tell_running(const plan::Observed& observed, const plan::Plan& plan) {
    std::set<std::string> touched;
    for (const plan::Step& step : plan.steps) {
      touched.insert(step.resource);
    }
    for (const auto& [name, container] : observed.containers) {
      if (container.live && !touched.contains("container:" + name)) {
        emit({.type = EventType::kProgress,
              .id = "Container " + name,
              .text = "Running",
              .status = ProgressStatus::kDone});
      }
    }
  }

  Status begin_down() {
    CMP_TRY(const plan::Observed observed, observe());
    auto plan = plan::teardown(observed, {job_.request.volumes, job_.request.timeout_s});
    if (job_.request.dry_run) {
      return answer_dry_run(plan);
    }
    // A supervisor that takes over now must not bring up again what is going down.
    desired_.complete = true;
    CMP_CHECK(write_desired(context_.paths, desired_));
    start_execution(std::move(plan), engine::OnFailure::kKeepGoing);
    return {};
  }

  Status begin_stop(std::optional<int> timeout_s) {
    CMP_TRY(const plan::Observed observed, observe());
    start_execution(plan::stop(observed, job_.request.services, timeout_s), engine::OnFailure::kKeepGoing);
    return {};
  }

  /// kill: the signal to every running container; SIGKILL also ends what is being stopped.
  Status begin_kill() {
    CMP_TRY(const int signal, sys::parse_signal(job_.request.signal.empty() ? "SIGKILL" : job_.request.signal));
    const auto named = [&](const Container& container) {
      const auto& services = job_.request.services;
      return services.empty() || std::ranges::find(services, container.record.service) != services.end();
    };
    for (auto& [name, container] : containers_.all()) {
      if (!named(*container) || !container->pidfd) {
        continue;
      }
      emit(
          {.type = EventType::kProgress, .id = "Container " + name, .text = "Killed", .status = ProgressStatus::kDone});
      changed_ = true;
      if (signal == SIGKILL) {
        containers_.dispatch(*container, {.kind = EventKind::kKill});
      } else {
        CMP_CHECK(sys::send_signal(container->pidfd.get(), signal));
      }
    }
    finish_job();
    return {};
  }

  Status answer_dry_run(const plan::Plan& plan) {
    emit({.type = EventType::kPlan, .message = plan::render(plan)});
    finish_job();
    return {};
  }

  // Carrying out

  void start_execution(plan::Plan plan, engine::OnFailure on_failure) {
    changed_ = changed_ || !plan.steps.empty();
    execution_ = std::make_unique<Execution>(
        ExecutionSite{loop_, context_, containers_, desired_.project, addresses_, bound_ports_,
                      [this](const Event& event) { emit(event); }, [this] { on_finished(); }},
        std::move(plan), on_failure);
    execution_->start();
  }

  /// Not from within the execution's own call: it is destroyed there.
  void on_finished() {
    if (!std::exchange(finish_deferred_, true)) {
      loop_.defer([this] {
        finish_deferred_ = false;
        on_execution_finished();
      });
    }
  }

  void on_execution_finished() {
    const std::unique_ptr<Execution> finished = std::move(execution_);
    const auto& errors = finished->executor().errors();
    errors_.insert(errors_.end(), errors.begin(), errors.end());
    const bool up = job_.request.operation == Operation::kUp;
    if (up && !undoing_) {
      desired_.complete = true;
      if (const Status written = write_desired(context_.paths, desired_); !written) {
        errors_.push_back(written.error());
      }
    }
    // Nothing of the user's has run: the machine is left as it was.
    if (up && !errors.empty() && !undoing_ && !finished->anything_started()) {
      undoing_ = true;
      return start_execution(plan::undo(finished->executor().plan(), finished->executor().begun()),
                             engine::OnFailure::kKeepGoing);
    }
    finish_job();
  }

  void finish_job() {
    ports_.keep_only(records());
    const bool down = job_.request.operation == Operation::kDown && !job_.request.dry_run;
    if ((down || undoing_ || containers_.all().empty()) && jobs_.empty() && nothing_left()) {
      return shut_down();
    }
    answer(job_.session, false, std::exchange(errors_, {}));
    loop_.defer([this] { next_job(); });
  }

  [[nodiscard]] bool nothing_left() {
    const auto networks = state::read_networks(context_.paths);
    return containers_.all().empty() && networks && networks->empty();
  }

  void answer(SessionId session, bool gone, std::vector<Error> errors) {
    sessions_.send(session, {.type = EventType::kDone, .changed = changed_, .gone = gone, .errors = std::move(errors)});
  }

  /// The last container and network are gone: so is every trace of the project but its volumes.
  void shut_down() {
    const auto lock = state::lock(context_.paths.lock());
    sessions_.stop_listening();
    const auto remove = [this](const Status& removed) {
      if (!removed) {
        errors_.push_back(removed.error());
      }
    };
    remove(cgroup::remove(context_.cgroups,
                          {state::cgroup_project_path(context_.paths.roots(), context_.paths.project())}));
    remove(rootfs::remove_forcibly(context_.paths.state_dir()));
    remove(sys::remove_tree(context_.paths.run_dir()));
    ::unlink(context_.paths.lock().c_str());
    guardian_.quit();
    answer(job_.session, true, std::exchange(errors_, {}));
    end_when_flushed();
  }

  void end_when_flushed() {
    constexpr Nanoseconds kPatience = std::chrono::seconds(2);
    if (sessions_.flushed()) {
      return loop_.stop();
    }
    if (give_up_at_ == MonotonicTime()) {
      give_up_at_ = monotonic_now() + kPatience;
    }
    if (monotonic_now() > give_up_at_) {
      return loop_.stop();
    }
    loop_.after(std::chrono::milliseconds(1), [this] { end_when_flushed(); });
  }

  // What comes from outside

  void on_guardian() {
    const bool there = guardian_.read([this](pid_t pid, int status) {
      containers_.on_reaped(pid, status);
      // Written down by now, or none of ours.
      guardian_.seen(pid);
    });
    if (!there) {
      // The guardian has been killed. Somebody has to be one: this process, which starts a new supervisor.
      const Error failed = become_guardian(context_.paths, self_exe_.get(), listener_fd_);
      std::fprintf(stderr, "%s\n", failed.str().c_str());
      loop_.stop();
    }
  }

  // Telling

  void emit(const Event& event) { sessions_.send(job_.session, event); }

  [[nodiscard]] static Event container_event(const Container& container) {
    const state::ContainerRecord& record = container.record;
    return {.type = EventType::kContainer,
            .container = record.name,
            .service = record.service,
            .state = std::string(state::to_string(record.state)),
            .exit_code = record.exit ? record.exit->code : 0,
            .message = record.error};
  }

  [[nodiscard]] std::vector<const state::ContainerRecord*> records() {
    std::vector<const state::ContainerRecord*> out;
    for (const auto& [name, container] : containers_.all()) {
      out.push_back(&container->record);
    }
    return out;
  }

  EventLoop loop_;
  engine::Context context_;
  UniqueFd self_exe_;
  int listener_fd_;
  GuardianLink guardian_;
  Desired desired_;
  Containers containers_;
  Names names_;
  PublishedPorts ports_;
  Sessions sessions_;

  std::deque<Job> jobs_;
  Job job_;  ///< the one under way
  std::unique_ptr<Execution> execution_;
  engine::AddressPlan addresses_;
  BoundPorts bound_ports_;
  std::vector<Error> errors_;
  bool undoing_ = false;
  bool changed_ = false;
  bool finish_deferred_ = false;
  MonotonicTime give_up_at_;
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
