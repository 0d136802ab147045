#include "net/socket_address.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <bit>

#include <fmt/core.h>

#include "net/net.hpp"

namespace cmp::net {

namespace {

constexpr int kBacklog = 1024;

}  // namespace

std::string format_socket_address(const SocketAddress& address) {
  return address.ip6.empty() ? fmt::format("{}:{}", format_ipv4(address.ip), address.port)
                             : fmt::format("[{}]:{}", address.ip6, address.port);
}

sockaddr_in to_sockaddr(const SocketAddress& address) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(address.port);
  out.sin_addr.s_addr = htonl(address.ip);
  return out;
}

SocketAddress from_sockaddr(const sockaddr_in& address) {
  return {.ip = ntohl(address.sin_addr.s_addr), .port = ntohs(address.sin_port)};
}

Result<UniqueFd> open_socket(int type, const SocketAddress& like) {
  UniqueFd fd(::socket(like.ip6.empty() ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) {
    return sys_error("socket");
  }
  return fd;
}

Result<UniqueFd> bound_socket(int type, const SocketAddress& address) {
  CMP_TRY(UniqueFd fd, open_socket(type, address));
  if (type == SOCK_STREAM) {
    // Connections of a former life that linger in TIME_WAIT must not keep the port.
    const int on = 1;
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  }
  const auto raw = std::bit_cast<sockaddr>(to_sockaddr(address));
  if (::bind(fd.get(), &raw, sizeof raw) != 0 || (type == SOCK_STREAM && ::listen(fd.get(), kBacklog) != 0)) {
    Error error = sys_error(format_socket_address(address));
    error.code = error.os_errno == EADDRINUSE ? Code::kConflict : error.code;
    return error;
  }
  return fd;
}

Status connect_socket(int fd, const SocketAddress& address) {
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(address.port);
  const auto v4 = std::bit_cast<sockaddr>(to_sockaddr(address));
  const bool six = ::inet_pton(AF_INET6, address.ip6.c_str(), &v6.sin6_addr) == 1;
  const auto* const raw = six ? reinterpret_cast<const sockaddr*>(&v6) : &v4;
  if (::connect(fd, raw, six ? sizeof v6 : sizeof v4) != 0 && errno != EINPROGRESS) {
    return sys_error(fmt::format("connect to {}", format_socket_address(address)));
  }
  return {};
}

Result<SocketAddress> local_address(int fd) {
  sockaddr raw{};
  socklen_t size = sizeof raw;
  if (::getsockname(fd, &raw, &size) != 0) {
    return sys_error("socket address");
  }
  return from_sockaddr(std::bit_cast<sockaddr_in>(raw));
}

}  // namespace cmp::net
