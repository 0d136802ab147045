#include "cli/log_session.hpp"

#include <sys/epoll.h>

#include <fmt/core.h>

#include "cli/context.hpp"
#include "cli/output.hpp"
#include "state/exit_reason.hpp"
#include "state/log_sources.hpp"

namespace cmp::cli {

namespace {

bool may_go_on(const state::ContainerRecord& record) {
  return state::is_live(record.state) || (record.state == state::ContainerState::kCreated && record.process.pid != 0);
}

}  // namespace

Result<supervisor::Client> watch_project(const state::Paths& paths) {
  CMP_TRY(auto client, supervisor::Client::connect_or_start(paths));
  supervisor::Request request;
  request.operation = supervisor::Operation::kWatch;
  request.who = who("logs");
  CMP_CHECK(client.send(request));
  return client;
}

Status print_lines(const std::vector<SourcedLine>& lines, const LogPrefixes& prefixes) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += prefixes.format(lines[i].container, lines[i].line);
    const bool is_stderr = lines[i].line.is_stderr;
    if (i + 1 < lines.size() && lines[i + 1].line.is_stderr == is_stderr) {
      continue;
    }
    if (is_stderr) {
      print_error(text);
    } else {
      CMP_CHECK(print(text));
    }
    text.clear();
  }
  return {};
}

LogSession::LogSession(supervisor::EventLoop& loop, state::Paths paths, supervisor::Client watch, LogPrefixes prefixes,
                       ProgressPrinter& printer)
    : loop_(loop),
      paths_(std::move(paths)),
      watch_(std::move(watch)),
      prefixes_(std::move(prefixes)),
      printer_(printer) {}

LogSession::~LogSession() {
  loop_.unwatch(watch_.fd());
  if (follower_) {
    loop_.unwatch(follower_->fd());
  }
}

Status LogSession::start(const std::vector<state::ContainerRecord>& containers, LogSessionOptions options,
                         LogSessionHooks hooks) {
  options_ = std::move(options);
  hooks_ = std::move(hooks);
  CMP_TRY(follower_, LogFollower::open(paths_));
  for (const state::ContainerRecord& record : containers) {
    if (counts(record.service)) {
      add(record);
    }
  }
  CMP_TRY(auto there, follower_->take_all());
  std::map<std::string, std::vector<state::LogLine>> by_container;
  for (SourcedLine& line : there) {
    by_container[line.container].push_back(std::move(line.line));
  }
  std::vector<SourcedLine> wanted;
  for (auto& [container, lines] : by_container) {
    append_wanted(wanted, container, std::move(lines), options_.filter);
  }
  sort_by_time(wanted);
  show(std::move(wanted));
  CMP_CHECK(loop_.watch(follower_->fd(), EPOLLIN, [this](std::uint32_t) { show(follower_->take_changed()); }));
  CMP_CHECK(loop_.watch(watch_.fd(), EPOLLIN, [this](std::uint32_t) { receive(); }));
  // Events that were read along with the greeting make no descriptor readable.
  loop_.defer([this, containers] {
    receive();
    adopt_running(containers);
    check_idle();
  });
  return {};
}

bool LogSession::counts(const std::string& service) const {
  return is_wanted(options_.services, service);
}

void LogSession::add(const state::ContainerRecord& record) {
  if (!state::is_one_off(record) && (!options_.shown || options_.shown(record))) {
    shown_.insert(record.name);
    prefixes_.add(record.name);
    for (const state::LogSource& source : state::log_sources(record)) {
      if (source.name != record.name) {
        prefixes_.add_hook(source.name, source.label, record.name);
      }
      follower_->add(source.name);
    }
  }
}

/// What runs already. Only after the events that have waited: an exit among them may be of an earlier run.
void LogSession::adopt_running(const std::vector<state::ContainerRecord>& containers) {
  for (const state::ContainerRecord& record : containers) {
    if (counts(record.service) && !state::is_one_off(record) && may_go_on(record) &&
        last_state_[record.name] != "exited") {
      running_.insert(record.name);
    }
  }
}

void LogSession::show(Result<std::vector<SourcedLine>> lines) {
  if (!lines) {
    return fail(std::move(lines).error());
  }
  if (!lines->empty()) {
    printer_.print_above([&] {
      if (auto status = print_lines(*lines, prefixes_); !status) {
        fail(std::move(status).error());
      }
    });
  }
}

void LogSession::show_rest() {
  show(follower_->take_all());
  for (const std::string& container : shown_) {
    show(follower_->take_rest(container));
  }
}

void LogSession::receive() {
  for (;;) {
    auto event = watch_.try_next();
    if (!event) {
      return fail(std::move(event).error());
    }
    if (!*event) {
      break;
    }
    handle(**event);
  }
  if (watch_.closed()) {
    if (auto status = resume(); !status) {
      fail(std::move(status).error());
    }
  }
}

void LogSession::handle(const supervisor::Event& event) {
  if (event.type != supervisor::EventType::kContainer || !counts(event.service)) {
    return;
  }
  last_state_[event.container] = event.state;
  if (event.state == "exited" || event.state == "restarting") {
    on_end(event);
  } else if (event.state == "running") {
    // A container may be new since the start: then its record says whether it is shown.
    const auto containers = state::read_containers(paths_);
    for (const state::ContainerRecord& record : containers ? *containers : std::vector<state::ContainerRecord>()) {
      if (record.name == event.container && state::is_one_off(record)) {
        return;
      }
      if (record.name == event.container) {
        add(record);
      }
    }
    running_.insert(event.container);
    show(follower_->take_all());
  }
}

void LogSession::on_end(const supervisor::Event& event) {
  const bool again = event.state == "restarting";
  if (!running_.contains(event.container)) {
    return;
  }
  show(follower_->take_rest(event.container));
  // Nobody sees for himself that memory was short.
  if ((options_.announce || !event.details.empty()) && shown_.contains(event.container)) {
    const std::string code = event.exit_unknown ? "unknown code" : fmt::format("code {}", event.exit_code);
    const std::string reason = event.details.empty() ? "" : fmt::format(" ({})", event.details);
    const std::string what = fmt::format("exited with {}{}{}", code, reason, again ? " (restarting)" : "");
    printer_.print_above([&] {
      if (auto status = print(prefixes_.format_status(event.container, what)); !status) {
        fail(std::move(status).error());
      }
    });
  }
  if (!again) {
    running_.erase(event.container);
  }
  if (hooks_.on_exit) {
    hooks_.on_exit(event);
  }
  check_idle();
}

/// The supervisor has died or, after `down`, ended: what has happened since is in the records.
Status LogSession::resume() {
  loop_.unwatch(watch_.fd());
  if (!supervisor::Client::project_exists(paths_)) {
    running_.clear();
    check_idle();
    return {};
  }
  CMP_TRY(watch_, watch_project(paths_));
  CMP_CHECK(loop_.watch(watch_.fd(), EPOLLIN, [this](std::uint32_t) { receive(); }));
  CMP_TRY(const auto containers, current_containers(paths_));
  std::set<std::string> ended = running_;
  for (const state::ContainerRecord& record : containers) {
    if (counts(record.service) && !state::is_one_off(record) && may_go_on(record)) {
      ended.erase(record.name);
      running_.insert(record.name);
      add(record);
    }
  }
  for (const std::string& container : ended) {
    supervisor::Event event{.type = supervisor::EventType::kContainer, .container = container, .state = "exited"};
    for (const state::ContainerRecord& record : containers) {
      if (record.name == container) {
        event.service = record.service;
        event.exit_code = record.exit ? record.exit->code : 0;
        event.exit_unknown = record.exit_unknown;
        event.details = state::exit_reason(record);
      }
    }
    on_end(event);
  }
  return {};
}

void LogSession::fail(Error error) {
  status_ = std::move(error);
  hooks_.on_idle();
}

void LogSession::check_idle() {
  if (running_.empty()) {
    hooks_.on_idle();
  }
}

}  // namespace cmp::cli
