#pragma once
// A container's record in Docker's words, for `ps`. Pure.

#include <string>
#include <vector>

#include "base/units.hpp"
#include "state/record.hpp"

namespace cmp::cli {

/// "Up 3 minutes (healthy)", "Exited (0) 5 seconds ago", "Restarting (1) 2 seconds ago", "Created".
[[nodiscard]] std::string describe_status(const state::ContainerRecord& record, WallTime now);

/// What a shell would show; 255 where nobody has seen the end; 0 while it runs.
[[nodiscard]] int shown_exit_code(const state::ContainerRecord& record);

/// "127.0.0.1:8080->80/tcp, 9000/tcp": published and merely exposed ports, neighbours joined ("8000-8002/tcp").
[[nodiscard]] std::string describe_ports(const state::ContainerRecord& record);

/// The command line in double quotes, cut to 20 characters unless `whole`.
[[nodiscard]] std::string describe_command(const state::ContainerRecord& record, bool whole);

/// "5 seconds ago".
[[nodiscard]] std::string describe_age(const state::ContainerRecord& record, WallTime now);

/// The first `characters` of the text, the last of them "…" if something is cut off.
[[nodiscard]] std::string ellipsis(const std::string& text, std::size_t characters);

}  // namespace cmp::cli
