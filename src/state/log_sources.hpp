#pragma once
// Which logs belong to a container: its own, that of hooks that run in it, and those of its service's pre_start hooks.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "state/log_store.hpp"
#include "state/record.hpp"

namespace cmp::state {

struct LogSource {
  std::string name;   ///< as LogReader and Paths::log_file take it
  std::string label;  ///< as it is shown: "shop-web-1", "shop-web-1 ->", "shop-web pre_start[0] ->"
};

/// Its own comes first.
[[nodiscard]] std::vector<LogSource> log_sources(const ContainerRecord& record);

/// The log of post_start and pre_stop hooks of a container; no container can be called so.
[[nodiscard]] std::string hooks_log(const std::string& container);

/// Beside a container's logs, in place of the name of a stream: the file with the LogPlace up to which its lines have
/// been sent to the journal or to syslog.
inline constexpr std::string_view kSentPlace = "sent";

/// Removes what goes with the container. The log of a hook's container stays until its service's go.
[[nodiscard]] Status remove_logs(const Paths& paths, const ContainerRecord& record);

/// The last lines of a log since then, standard error before standard output: at most `lines` and 2 KiB, "" if there
/// are none.
[[nodiscard]] std::string log_tail(const Paths& paths, const std::string& name, WallTime since, std::size_t lines);

}  // namespace cmp::state
