#include <sys/epoll.h>

#include <ctime>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/log_session.hpp"
#include "cli/moment.hpp"
#include "cli/output.hpp"
#include "supervisor/event_loop.hpp"

namespace cmp::cli {

namespace {

/// "2026-01-02 15:04:05.000000", as the user's clock shows it.
std::string local_time(WallTime time) {
  const auto since = time.time_since_epoch();
  const std::time_t seconds = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(since - std::chrono::seconds(seconds));
  std::tm local{};
  ::localtime_r(&seconds, &local);
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &local);
  return fmt::format("{}.{:06}", text, rest.count());
}

/// With the empty line that Docker Compose prints behind it.
std::string as_text(const supervisor::Event& event, WallTime now) {
  std::vector<std::string> attributes;
  for (const auto& [key, value] : event.attributes) {
    attributes.push_back(key + "=" + value);
  }
  return fmt::format("{} container {} {} ({})\n\n", local_time(now), event.state, event.id, join(attributes));
}

std::string as_json(const supervisor::Event& event, WallTime now) {
  const nlohmann::json object = {{"action", event.state},    {"attributes", event.attributes},   {"id", event.id},
                                 {"service", event.service}, {"time", rfc3339_nanoseconds(now)}, {"type", "container"}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// Prints what has come. False when nothing more will.
Result<bool> pass_on(supervisor::Client& watch, const EventsOptions& options) {
  for (;;) {
    CMP_TRY(const auto event, watch.try_next());
    if (!event) {
      return !watch.closed();
    }
    if (event->type == supervisor::EventType::kHappened && is_wanted(options.services, event->service)) {
      const WallTime now = wall_now();
      CMP_CHECK(print(options.json ? as_json(*event, now) : as_text(*event, now)));
    }
  }
}

}  // namespace

Result<int> run_command(const Context& context, const EventsOptions& options) {
  CMP_CHECK(need_root("events"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  if (!supervisor::Client::project_exists(paths)) {
    return make_error(Code::kNotFound,
                      fmt::format("no container found for project \"{}\": not found", paths.project()));
  }
  CMP_TRY(auto loop, supervisor::EventLoop::create());
  CMP_TRY(auto watch, watch_project(paths));
  Status failed;
  CMP_CHECK(loop.watch(watch.fd(), EPOLLIN, [&](std::uint32_t) {
    const auto more = pass_on(watch, options);
    if (!more || !*more) {
      failed = more ? Status() : Status(more.error());
      loop.stop();
    }
  }));
  if (!options.until.empty()) {
    CMP_TRY(const WallTime until, parse_moment(options.until, wall_now()));
    loop.after(std::max(Nanoseconds(0), Nanoseconds(until - wall_now())), [&loop] { loop.stop(); });
  }
  CMP_CHECK(loop.run());
  CMP_CHECK(std::move(failed));
  return 0;
}

}  // namespace cmp::cli
