#include "supervisor/hook_runs.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <csignal>
#include <utility>

#include <fmt/core.h>

#include "engine/exec_report.hpp"
#include "engine/logging.hpp"
#include "state/log_sources.hpp"
#include "sys/file.hpp"
#include "sys/pipe.hpp"

namespace cmp::supervisor {

namespace {

constexpr int kSignalBase = 128;
constexpr std::size_t kTailLines = 10;

std::map<std::string, std::string> set_variables(const model::Hook& hook) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : hook.environment) {
    if (value) {
      out[name] = *value;
    }
  }
  return out;
}

}  // namespace

HookRuns::~HookRuns() {
  for (auto& [id, run] : runs_) {
    close(*run);
  }
}

void HookRuns::run(const state::ContainerRecord& record, std::vector<model::Hook> hooks, Done done) {
  const int id = next_id_++;
  auto run = std::make_unique<Run>();
  run->record = record;
  run->hooks = std::move(hooks);
  run->done = std::move(done);
  runs_.emplace(id, std::move(run));
  begin_next(id);
}

void HookRuns::kill_all() {
  for (auto& [id, run] : runs_) {
    if (run->running) {
      static_cast<void>(sys::send_signal(run->running->child.pidfd.get(), SIGKILL));
    }
  }
}

void HookRuns::begin_next(int id) {
  Run& run = *runs_.at(id);
  if (run.next == run.hooks.size()) {
    return finish(id, {});
  }
  if (Status begun = begin(id, run); !begun) {
    finish(id,
           std::move(begun).error().context(fmt::format("{} hook", run.record.service)).at(run.hooks[run.next].where));
  }
}

Status HookRuns::begin(int id, Run& run) {
  const model::Hook& hook = run.hooks[run.next];
  CMP_TRY(const UniqueFd null, sys::open_file("/dev/null", O_RDONLY));
  CMP_CHECK(open_streams(run));
  CMP_TRY(auto out, sys::open_pipe());
  CMP_TRY(auto err, sys::open_pipe());
  run.started = wall_now();
  CMP_TRY(run.running,
          engine::exec_in_container(run.record,
                                    {.argv = hook.command.value_or(std::vector<std::string>()),
                                     .env = set_variables(hook),
                                     .user = hook.user,
                                     .working_dir = hook.working_dir,
                                     .privileged = hook.privileged},
                                    {.sync = -1, .in = null.get(), .out = out.write.get(), .err = err.write.get()}));
  ++run.next;
  const auto follow = [&](Stream& stream, UniqueFd pipe) -> Status {
    ::fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
    stream.pipe = std::move(pipe);
    return loop_.watch(stream.pipe.get(), EPOLLIN, [this, &stream](std::uint32_t events) {
      drain(stream);
      if ((events & EPOLLHUP) != 0) {
        loop_.unwatch(stream.pipe.get());
      }
    });
  };
  CMP_CHECK(follow(run.out, std::move(out.read)));
  CMP_CHECK(follow(run.err, std::move(err.read)));
  return loop_.watch(run.running->child.pidfd.get(), EPOLLIN, [this, id](std::uint32_t) { on_exit(id); });
}

Status HookRuns::open_streams(Run& run) {
  CMP_TRY(const engine::LogPlan plan, engine::log_plan(run.record.service_definition.logging));
  const auto& bounds = plan.kept;
  const std::string name = state::hooks_log(run.record.name);
  if (bounds) {
    CMP_TRY(run.out.log, state::LogWriter::open(context_.paths.log_file(name, "out"), *bounds, wall_now()));
    CMP_TRY(run.err.log, state::LogWriter::open(context_.paths.log_file(name, "err"), *bounds, wall_now()));
  }
  return {};
}

void HookRuns::drain(Stream& stream) const {
  if (stream.pipe && stream.log) {
    static_cast<void>(stream.log->drain(stream.pipe.get(), wall_now()));
  } else if (stream.pipe) {
    sys::discard_input(stream.pipe.get());
  }
}

void HookRuns::on_exit(int id) {
  Run& run = *runs_.at(id);
  siginfo_t info{};
  ::waitid(P_PIDFD, static_cast<id_t>(run.running->child.pidfd.get()), &info, WEXITED);
  const int code = info.si_code == CLD_EXITED ? info.si_status : kSignalBase + info.si_status;
  // It has ended: what init had to report is there, or the end of file.
  const auto failure = engine::wait_until_runs(*run.running);
  close(run);
  if (Status judged = judge(run, code, failure ? failure->error.message : ""); !judged) {
    return finish(id, std::move(judged));
  }
  begin_next(id);
}

Status HookRuns::judge(const Run& run, int code, const std::string& why) const {
  if (code == 0) {
    return {};
  }
  const std::string tail =
      why.empty() ? state::log_tail(context_.paths, state::hooks_log(run.record.name), run.started, kTailLines) : why;
  return make_error(Code::kSystem, fmt::format("{} hook exited with status {}{}{}", run.record.service, code,
                                               tail.empty() ? "" : ": ", tail))
      .at(run.hooks[run.next - 1].where);
}

/// Also from under one that still runs.
void HookRuns::close(Run& run) {
  for (Stream* const stream : {&run.out, &run.err}) {
    drain(*stream);
    loop_.unwatch(stream->pipe.get());
    stream->pipe.reset();
    stream->log.reset();
  }
  if (run.running) {
    loop_.unwatch(run.running->child.pidfd.get());
    run.running.reset();
  }
}

void HookRuns::finish(int id, Status status) {
  const auto run = runs_.extract(id);
  close(*run.mapped());
  run.mapped()->done(std::move(status));
}

}  // namespace cmp::supervisor
