#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/log_session.hpp"
#include "cli/moment.hpp"
#include "cli/output.hpp"
#include "state/log_sources.hpp"
#include "sys/signal_queue.hpp"

namespace cmp::cli {

namespace {

using Records = std::vector<state::ContainerRecord>;

Result<LogFilter> filter_of(const LogsOptions& options) {
  LogFilter filter;
  const WallTime now = wall_now();
  if (!options.since.empty()) {
    CMP_TRY(filter.since, parse_moment(options.since, now).context("--since"));
  }
  if (!options.until.empty()) {
    CMP_TRY(filter.until, parse_moment(options.until, now).context("--until"));
  }
  CMP_TRY(filter.tail, parse_tail(options.tail));
  return filter;
}

/// Each log once: that of a pre_start hook belongs to all replicas.
void append_container(const state::Paths& paths, const state::ContainerRecord& record, LogPrefixes& prefixes,
                      const LogFilter& filter, std::set<std::string>& seen, std::vector<SourcedLine>& lines) {
  prefixes.add(record.name);
  for (const state::LogSource& source : state::log_sources(record)) {
    if (!seen.insert(source.name).second) {
      continue;
    }
    if (source.name != record.name) {
      prefixes.add_hook(source.name, source.label, record.name);
    }
    state::LogReader reader(paths, source.name);
    if (auto read = reader.read(true)) {
      append_wanted(lines, source.name, *std::move(read), filter);
    } else {
      print_error(fmt::format("warning: cannot read the logs of '{}': {}\n", source.label, read.error().message));
    }
  }
}

Result<int> show_once(const state::Paths& paths, const Records& containers, LogPrefixes prefixes,
                      const LogFilter& filter) {
  std::vector<SourcedLine> lines;
  std::set<std::string> seen;
  for (const state::ContainerRecord& record : containers) {
    append_container(paths, record, prefixes, filter, seen, lines);
  }
  sort_by_time(lines);
  CMP_CHECK(print_lines(lines, prefixes));
  return 0;
}

Result<int> follow(const state::Paths& paths, const LogsOptions& options, LogPrefixes prefixes, LogFilter filter) {
  CMP_TRY(auto watch, watch_project(paths));
  CMP_TRY(const Records containers, current_containers(paths));
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(auto signals, sys::SignalQueue::open({SIGINT, SIGTERM}));
  ProgressPrinter quiet("logs", {.mode = ProgressMode::kQuiet});
  bool interrupted = false;
  CMP_CHECK(loop.watch(signals.fd(), EPOLLIN, [&](std::uint32_t) {
    interrupted = true;
    loop.stop();
  }));
  LogSession session(loop, paths, std::move(watch), std::move(prefixes), quiet);
  const auto shown = [&](const state::ContainerRecord& record) {
    return !options.index || record.number == *options.index;
  };
  CMP_CHECK(session.start(containers, {.services = options.services, .shown = shown, .filter = filter},
                          {.on_exit = {}, .on_idle = [&loop] { loop.stop(); }}));
  CMP_CHECK(loop.run());
  CMP_CHECK(Status(session.status()));
  return interrupted ? 130 : 0;
}

}  // namespace

Result<int> run_command(const Context& context, const LogsOptions& options) {
  if (options.index && options.services.size() != 1) {
    return make_error(Code::kInvalid, "--index requires one service to be selected");
  }
  CMP_TRY(const LogFilter filter, filter_of(options));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(Records containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  std::erase_if(containers, [&](const state::ContainerRecord& record) {
    return state::is_one_off(record) || !is_wanted(options.services, record.service) ||
           (options.index && record.number != *options.index);
  });
  if (options.index && containers.empty()) {
    return make_error(Code::kNotFound,
                      fmt::format("service \"{}\" has no container #{}", options.services.front(), *options.index));
  }
  LogPrefixes prefixes(paths.project(), context.style.colour_out, options.log);
  const auto runs = [](const state::ContainerRecord& record) { return state::is_live(record.state); };
  if (!options.follow || std::none_of(containers.begin(), containers.end(), runs)) {
    return show_once(paths, containers, std::move(prefixes), filter);
  }
  return follow(paths, options, std::move(prefixes), filter);
}

}  // namespace cmp::cli
