#pragma once
// The second half of an attached `up`: logs until the services have ended by themselves or are stopped.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/context.hpp"
#include "cli/log_session.hpp"

namespace cmp::cli {

enum class AbortOn { kNothing, kExit, kFailure };

struct AttachedUpOptions {
  std::vector<std::string> services;  ///< that were asked for; empty is all. These are stopped in the end
  std::vector<std::string> followed;  ///< empty is all; `services` and whose lines are asked for besides
  std::function<bool(const state::ContainerRecord&)> shown;
  WallTime since;  ///< lines from before are not shown
  LogStyle log;
  AbortOn abort_on = AbortOn::kNothing;
  std::string exit_code_from;
  std::optional<int> stop_timeout_s;
  bool stop_at_once = false;  ///< Ctrl-C came before there was anything to show
};

/// Follows the project's logs. The first SIGINT or SIGTERM stops the services, the second one kills them, the third one
/// gives up waiting. \returns the exit code: 130 after a signal, else what AbortOn and exit_code_from say, else 0.
[[nodiscard]] Result<int> stay_attached(const Context& context, const state::Paths& paths, supervisor::Client watch,
                                        AttachedUpOptions options);

}  // namespace cmp::cli
