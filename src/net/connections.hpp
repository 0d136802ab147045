#pragma once
// Who is connected to a program, as its network namespace tells.

#include <sys/types.h>

#include <string_view>

#include "base/result.hpp"

namespace cmp::net {

/// Rows of /proc/net/tcp and tcp6 (both texts together) that are connections to a port which something listens on
/// there: established, being established, or half closed by the other side.
[[nodiscard]] int count_connections(std::string_view tables);

/// Those in the network namespace of a process. Errors: it is gone.
[[nodiscard]] Result<int> open_connections(pid_t pid);

}  // namespace cmp::net
