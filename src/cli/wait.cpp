#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/container_view.hpp"
#include "cli/log_session.hpp"
#include "cli/outcome.hpp"
#include "cli/output.hpp"

namespace cmp::cli {

namespace {

using state::ContainerRecord;

Status tell(const ContainerRecord& record, int code) {
  return print(fmt::format("container \"{}\" exited with status code {}\n", record.id, code));
}

/// The end of one container after the other, as it happens.
class Wait {
 public:
  Wait(supervisor::Client watch, std::vector<ContainerRecord> records)
      : watch_(std::move(watch)), records_(std::move(records)) {}

  /// \returns the exit code of the last one that ended; of the first one if `first`.
  Result<int> run(bool first) {
    int code = 0;
    std::set<std::string> left;
    for (const ContainerRecord& record : records_) {
      if (state::is_live(record.state)) {
        left.insert(record.name);
        continue;
      }
      code = shown_exit_code(record);
      CMP_CHECK(tell(record, code));
      if (first) {
        return code;
      }
    }
    while (!left.empty()) {
      CMP_TRY(const auto event, watch_.next());
      if (!event) {
        return make_error(Code::kSystem, "the project's supervisor has died");
      }
      const bool ended = event->state == "exited" || event->state == "restarting";
      if (event->type != supervisor::EventType::kContainer || !ended || left.erase(event->container) == 0) {
        continue;
      }
      code = event->exit_code;
      CMP_CHECK(tell(*std::ranges::find(records_, event->container, &ContainerRecord::name), code));
      if (first) {
        return code;
      }
    }
    return code;
  }

 private:
  supervisor::Client watch_;
  std::vector<ContainerRecord> records_;
};

Status take_down(const Context& context, const state::Paths& paths) {
  supervisor::Request request;
  request.operation = supervisor::Operation::kDown;
  request.who = who("wait");
  ProgressPrinter printer("down", printer_options(context));
  CMP_TRY(Outcome outcome, perform(paths, std::move(request), printer));
  CMP_TRY(const int code, conclude(std::move(outcome)));
  static_cast<void>(code);
  return {};
}

}  // namespace

Result<int> run_command(const Context& context, const WaitOptions& options) {
  CMP_CHECK(need_root("wait"));
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  if (containers.empty()) {
    return make_error(Code::kNotFound, fmt::format("no containers for project \"{}\"", paths.project()));
  }
  // Before the records are read, so that no end is missed in between.
  CMP_TRY(auto watch, watch_project(paths));
  CMP_TRY(containers, current_containers(paths));
  std::erase_if(containers, [&](const ContainerRecord& record) {
    return state::is_one_off(record) || !is_wanted(options.services, record.service);
  });
  CMP_TRY(const int code, Wait(std::move(watch), std::move(containers)).run(options.down_project));
  if (options.down_project) {
    CMP_CHECK(take_down(context, paths));
  }
  return code;
}

}  // namespace cmp::cli
