#include "state/why.hpp"

#include <fmt/core.h>

#include "cli/commands.hpp"
#include "cli/human.hpp"
#include "cli/output.hpp"
#include "state/log_sources.hpp"

namespace cmp::cli {

namespace {

constexpr std::size_t kLastLines = 3;

/// What it wrote before it ended by itself: often the reason.
std::string last_words(const state::Paths& paths, const state::ContainerRecord& record) {
  const bool failed = record.exit && record.exit->code != 0 && record.ended_by == state::EndedBy::kItself;
  if (!failed || state::has_program(record.state) || !record.error.empty()) {
    return "";
  }
  const std::string tail = state::log_tail(paths, record.name, record.started_at, kLastLines);
  std::string out;
  for (std::size_t at = 0; at < tail.size();) {
    const auto end = std::min(tail.find('\n', at), tail.size());
    out += fmt::format("    {}\n", tail.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

Result<int> run_command(const Context& context, const WhyOptions& options) {
  CMP_TRY(const state::Paths paths, project_paths(context));
  CMP_TRY(const auto containers, current_containers(paths));
  CMP_CHECK(check_services(context, options.services, containers));
  const WallTime now = wall_now();
  std::string out;
  for (const state::ContainerRecord& record : containers) {
    if (is_wanted(options.services, record.service) && (!state::is_one_off(record) || !options.services.empty())) {
      out += fmt::format("{} {}\n{}", record.name, state::why(record, now, human_duration), last_words(paths, record));
    }
  }
  if (out.empty()) {
    return make_error(Code::kNotFound, options.services.empty()
                                           ? fmt::format("no containers for project \"{}\"", paths.project())
                                           : fmt::format("service \"{}\" has no container", options.services.front()));
  }
  CMP_CHECK(print(out));
  return 0;
}

}  // namespace cmp::cli
