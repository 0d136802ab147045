#pragma once
// Unix sockets at a path: listening and connecting. packet.hpp has the pairs that keep message borders.

#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::sys {

/// A listening stream socket at a path; a stale one is replaced. The path may be longer than sun_path holds.
[[nodiscard]] Result<UniqueFd> listen_at(const std::string& path, unsigned mode);

/// Errors: ENOENT or ECONNREFUSED when nobody listens.
[[nodiscard]] Result<UniqueFd> connect_to(const std::string& path);

/// The same to a datagram socket.
[[nodiscard]] Result<UniqueFd> connect_datagrams(const std::string& path);

}  // namespace cmp::sys
