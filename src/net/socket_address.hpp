#pragma once
// Sockets by address and port.

#include <netinet/in.h>

#include <compare>
#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace cmp::net {

/// An address and a port, both in host byte order.
struct SocketAddress {
  std::uint32_t ip = 0;
  std::uint16_t port = 0;
  std::string ip6 = {};  ///< "fd00::2": an IPv6 address in the place of `ip`; "" is none
  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

[[nodiscard]] std::string format_socket_address(const SocketAddress& address);

[[nodiscard]] sockaddr_in to_sockaddr(const SocketAddress& address);
[[nodiscard]] SocketAddress from_sockaddr(const sockaddr_in& address);

/// A non-blocking, close-on-exec socket of `type` (SOCK_STREAM, SOCK_DGRAM) for addresses like that one, in the
/// namespace the caller is in.
[[nodiscard]] Result<UniqueFd> open_socket(int type, const SocketAddress& like = {});
/// The same of IPv4, bound to the address and, for SOCK_STREAM, listening. Error kConflict when the port is taken.
[[nodiscard]] Result<UniqueFd> bound_socket(int type, const SocketAddress& address);
/// connect(2); for SOCK_STREAM success also means that the connection is under way (EINPROGRESS).
[[nodiscard]] Status connect_socket(int fd, const SocketAddress& address);
/// The address a socket is bound to (which port the kernel chose for port 0).
[[nodiscard]] Result<SocketAddress> local_address(int fd);

}  // namespace cmp::net
