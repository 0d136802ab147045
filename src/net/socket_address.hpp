#pragma once
// IPv4 sockets by address and port.

#include <netinet/in.h>

#include <compare>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

/// An IPv4 address and a port, both in host byte order.
struct SocketAddress {
  std::uint32_t ip = 0;
  std::uint16_t port = 0;
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

[[nodiscard]] std::string format_socket_address(const SocketAddress& address);

[[nodiscard]] sockaddr_in to_sockaddr(const SocketAddress& address);
[[nodiscard]] SocketAddress from_sockaddr(const sockaddr_in& address);

/// A non-blocking, close-on-exec socket of `type` (SOCK_STREAM, SOCK_DGRAM) in the namespace the caller is in.
[[nodiscard]] Result<UniqueFd> open_socket(int type);
/// The same, bound to the address and, for SOCK_STREAM, listening. Error kConflict when the port is taken.
[[nodiscard]] Result<UniqueFd> bound_socket(int type, const SocketAddress& address);
/// connect(2); for SOCK_STREAM success also means that the connection is under way (EINPROGRESS).
[[nodiscard]] Status connect_socket(int fd, const SocketAddress& address);
/// The address a socket is bound to (which port the kernel chose for port 0).
[[nodiscard]] Result<SocketAddress> local_address(int fd);

}  // namespace cmp::net
